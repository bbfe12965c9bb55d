<?php

declare(strict_types=1);

/**
 * A proxy of a test: whatever server somebody asks it for, it leads to one port of loopback.
 *
 * usage: https-proxy.php FOLDER PORT
 */

[, $folder, $port] = $argv;
$server = stream_socket_server('tcp://127.0.0.1:0');
file_put_contents("{$folder}/proxy.new", substr((string) strrchr((string) stream_socket_get_name($server, false), ':'), 1));
rename("{$folder}/proxy.new", "{$folder}/proxy");

/** @var array<int, array{0: resource, 1: resource}> $ways each end's own, and the end that it leads to */
$ways = [];
while (true) {
    $readable = [$server];
    foreach ($ways as [$from]) {
        $readable[] = $from;
    }
    $none = null;
    if (!stream_select($readable, $none, $none, 60)) {
        exit(0);
    }
    foreach ($readable as $stream) {
        if ($stream === $server) {
            $client = stream_socket_accept($server, 0);
            while (($line = fgets($client)) !== false && trim($line) !== '') {
                continue;
            }
            $other = stream_socket_client("tcp://127.0.0.1:{$port}");
            fwrite($client, "HTTP/1.1 200 Connection established\r\n\r\n");
            $ways[(int) $client] = [$client, $other];
            $ways[(int) $other] = [$other, $client];
        } elseif (isset($ways[(int) $stream])) {
            [$from, $to] = $ways[(int) $stream];
            $bytes = (string) fread($from, 65536);
            if ($bytes !== '') {
                fwrite($to, $bytes);
            } else {
                unset($ways[(int) $from], $ways[(int) $to]);
                fclose($from);
                fclose($to);
            }
        }
    }
}
