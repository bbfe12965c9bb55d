<?php

declare(strict_types=1);

namespace Tests;

/** A certificate authority that lives as long as a test, and a certificate of it for this machine and for who plays GitHub. */
final class Authority
{
    private const OPENSSL = "[req]\ndefault_bits = 2048\ndistinguished_name = name\n[name]\n[authority]\nbasicConstraints = critical,CA:TRUE\n"
        . "keyUsage = keyCertSign\n[server]\nbasicConstraints = CA:FALSE\nsubjectAltName = DNS:localhost,DNS:api.github.com,IP:127.0.0.1\n";

    /** The authority's own certificate, for `GESTOR_PLUGINS_CA_FILE`. */
    public string $file;
    /** Certificate and key of a server. */
    public string $server;

    public function __construct(string $folder)
    {
        $settings = "{$folder}/openssl.cnf";
        file_put_contents($settings, self::OPENSSL);
        [$authority, $key] = self::sign($settings, 'authority', 'Authority of a test', null, null);
        [$certificate, $serverKey] = self::sign($settings, 'server', 'localhost', $authority, $key);
        openssl_x509_export($authority, $authorityText);
        openssl_x509_export($certificate, $certificateText);
        openssl_pkey_export($serverKey, $keyText, null, ['config' => $settings]);
        [$this->file, $this->server] = ["{$folder}/authority.pem", "{$folder}/server.pem"];
        file_put_contents($this->file, $authorityText);
        file_put_contents($this->server, $certificateText . $keyText);
    }

    /** @return array{\OpenSSLCertificate, \OpenSSLAsymmetricKey} */
    private static function sign(string $settings, string $section, string $name, $issuer, $issuerKey): array
    {
        $options = ['config' => $settings, 'digest_alg' => 'sha256', 'x509_extensions' => $section];
        $key = openssl_pkey_new(['config' => $settings, 'private_key_type' => OPENSSL_KEYTYPE_EC, 'curve_name' => 'prime256v1']);
        $request = openssl_csr_new(['commonName' => $name], $key, $options);
        $number = random_int(1, PHP_INT_MAX);
        return [openssl_csr_sign($request, $issuer, $issuerKey ?? $key, 2, $options, $number), $key];
    }
}
