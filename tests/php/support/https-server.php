<?php

declare(strict_types=1);

/**
 * An HTTPS server of a test, on two ports of loopback: `api`, which plays GitHub, and `storage`, where its redirects lead.
 * Answers and what was asked are files, so that the test may change and read them at any time.
 *
 * usage: https-server.php FOLDER CERTIFICATE
 */

[, $folder, $certificate] = $argv;
$context = stream_context_create(['ssl' => ['local_cert' => $certificate]]);
$servers = $ports = [];
foreach (['api', 'storage'] as $name) {
    $servers[$name] = stream_socket_server('tcp://127.0.0.1:0', $number, $text, STREAM_SERVER_BIND | STREAM_SERVER_LISTEN, $context);
    $ports[$name] = (int) substr((string) strrchr((string) stream_socket_get_name($servers[$name], false), ':'), 1);
}
file_put_contents("{$folder}/ports.new", json_encode($ports));
rename("{$folder}/ports.new", "{$folder}/ports");

while (true) {
    [$readable, $none] = [$servers, null];
    if (!stream_select($readable, $none, $none, 60)) {
        exit(0);
    }
    foreach ($readable as $name => $server) {
        $client = @stream_socket_accept($server, 0);
        if ($client === false) {
            continue;
        }
        stream_set_timeout($client, 10);
        // A client that does not trust us ends the handshake; that is its right.
        if (@stream_socket_enable_crypto($client, true, STREAM_CRYPTO_METHOD_TLS_SERVER)) {
            serve($client, $name, $folder);
        }
        fclose($client);
    }
}

/** @param resource $client */
function serve($client, string $host, string $folder): void
{
    $head = [];
    while (($line = fgets($client)) !== false && trim($line) !== '') {
        $head[] = trim($line);
    }
    $path = explode(' ', $head[0] ?? '')[1] ?? '';
    if ($path === '') {
        return;
    }
    file_put_contents("{$folder}/asked", json_encode(['host' => $host, 'path' => $path, 'head' => $head]) . "\n", FILE_APPEND);
    $file = "{$folder}/answers/" . rawurlencode("{$host} {$path}");
    $answer = is_file($file) ? unserialize((string) file_get_contents($file)) : [404, [], '{"message":"Not Found"}'];
    [$status, $headers, $body] = $answer;
    $text = "HTTP/1.1 {$status} Status\r\nConnection: close\r\nContent-Length: " . strlen($body) . "\r\n";
    foreach ($headers as $name => $value) {
        $text .= "{$name}: {$value}\r\n";
    }
    fwrite($client, "{$text}\r\n{$body}");
}
