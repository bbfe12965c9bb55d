<?php

declare(strict_types=1);

use PHPUnit\Framework\TestCase;
use Tests\PackagedSite;
use Tests\Project;

/** Shared hosting: functions of PHP are switched off, one or many, and the installer does without them. */
final class HosterTest extends TestCase
{
    use PackagedSite;

    /** @return iterable<string, array{string}> */
    public static function switchedOff(): iterable
    {
        $one = ['set_time_limit', 'putenv', 'error_log', 'getmypid', 'get_cfg_var', 'chmod', 'umask', 'chdir', 'glob', 'register_shutdown_function'];
        foreach ($one as $name) {
            yield $name => [$name];
        }
        yield 'all, and what we ask for before' => [implode(',', [...$one, 'ini_set', 'exec', 'passthru', 'shell_exec', 'system', 'proc_open', 'popen',
            'pcntl_signal', 'pcntl_fork', 'posix_geteuid', 'symlink', 'link', 'chown', 'chgrp', 'dl', 'phpinfo', 'php_uname', 'parse_ini_file', 'fsockopen',
            'opcache_invalidate', 'mb_strimwidth', 'ignore_user_abort', 'highlight_file', 'disk_free_space', 'getmyuid'])];
    }

    /** @dataProvider switchedOff */
    public function testItInstalls(string $names): void
    {
        $code = 'require $argv[1] . "/config.php"; require $argv[1] . "/bibliotecas/plugins-installer.php"; $seen = 0;
            $code = plugin_process(["slug" => "agenda-x", "arquivo" => $argv[1] . "/p.zip", "cred_ref" => "x"], function () use (&$seen) { $seen++; });
            echo json_encode([$code, $seen > 5, plugin_mark_status("agenda-x", "none"), plugin_process(["sluug" => 1])]);';
        // A token that is in $_ENV alone is lent by putenv().
        $options = ['-d', "disable_functions={$names}", '-d', 'max_execution_time=30', '-d', 'variables_order=EGPCS', '-d', 'error_log=/dev/null'];
        [$status, $out, $error] = Project::php([...$options, '-r', '$_ENV["PLUGIN_TOKEN_X"] = "t"; ' . $code, $this->gestor->root]);
        self::assertSame([0, '[0,true,false,10]'], [$status, $out], $error);
        self::assertStringNotContainsString('undefined function', $error);
        [$status, $out, $error] = Project::php([...$options, $this->gestor->script(), '--id=agenda-x', '--arquivo=' . $this->gestor->root . '/p.zip', '--reprocessar']);
        self::assertSame(0, $status, $out . $error);
        self::assertStringNotContainsString('undefined function', $error);
    }

    public function testTheTimeLimitIsSetByOtherMeans(): void
    {
        $code = 'require $argv[1] . "/bibliotecas/plugins-installer.php"; GestorPlugins\set_time_limit(7); echo ini_get("max_execution_time");';
        $run = fn (string $names): string => Project::php(['-d', "disable_functions={$names}", '-d', 'max_execution_time=30', '-r', $code, $this->gestor->root])[1];
        self::assertSame('7', $run('set_time_limit'));
        self::assertSame('30', $run('set_time_limit,ini_set'));
    }
}
