<?php

declare(strict_types=1);

/**
 * A mail server for one client at a time, over TLS on loopback: writes each message to a file of the folder, and its port to
 * `port`. Refuses recipients whose name is `refused`.
 *
 * usage: smtp-server.php FOLDER CERTIFICATE
 */

[, $folder, $certificate] = $argv;
$context = stream_context_create(['ssl' => ['local_cert' => $certificate]]);
$server = stream_socket_server('tls://127.0.0.1:0', $code, $text, STREAM_SERVER_BIND | STREAM_SERVER_LISTEN, $context);
file_put_contents("{$folder}/port.new", substr((string) strrchr((string) stream_socket_get_name($server, false), ':'), 1));
rename("{$folder}/port.new", "{$folder}/port");
for ($number = 0;;) {
    $client = @stream_socket_accept($server, -1);
    if ($client === false) {
        continue;
    }
    $say = static fn (string $line) => fwrite($client, "{$line}\r\n");
    $say('220 localhost');
    while (($line = fgets($client)) !== false) {
        switch (strtoupper(substr(trim($line), 0, 4))) {
            case 'EHLO':
                $say("250-localhost\r\n250 AUTH PLAIN");
                break;
            case 'AUTH':
                $say('334 ');
                $say(base64_decode((string) fgets($client)) === "\0site\0secret" ? '235 ok' : '535 who are you?');
                break;
            case 'RCPT':
                $say(strpos($line, '<refused@') === false ? '250 ok' : '550 no such mail box');
                break;
            case 'DATA':
                $say('354 go on');
                for ($message = ''; ($line = fgets($client)) !== false && rtrim($line, "\r\n") !== '.';) {
                    $message .= $line;
                }
                file_put_contents("{$folder}/message-" . ++$number, $message);
                $say('250 ok');
                break;
            case 'QUIT':
                $say('221 bye');
                break 2;
            default:
                $say('250 ok');
        }
    }
    fclose($client);
}
