<?php

declare(strict_types=1);

use PHPUnit\Framework\TestCase;
use Tests\DropInSite;
use Tests\Project;

/** Which PHP bin/install and bin/setup find, and what they say of an extension that does not fit it. */
final class DropInPhpTest extends TestCase
{
    use DropInSite;

    public function testCheckLooksAtTheExtensionItself(): void
    {
        self::assertSame(0, $this->install()[0]);
        self::assertSame(0, $this->install('--check')[0]);
        [$file, $ini] = ["{$this->system}/extensions/gestor_plugins.so", "{$this->system}/ini/gestor_plugins.ini"];
        $own = (string) file_get_contents($file);
        $api = (int) trim(Project::run(['php-config', '--phpapi'])[1]);
        foreach ([
            'outdated' => static fn (): int => (int) file_put_contents($file, "\n", FILE_APPEND),
            'was built for another PHP (its API is ' . ($api - 1) => static fn (): int => (int) file_put_contents($file, str_replace(pack('V', $api), pack('V', $api - 1), $own)),
            'cannot load' => static fn (): int => (int) file_put_contents($file, 'no library'),
            'is missing' => static fn (): int => (int) unlink($file),
        ] as $words => $spoil) {
            $spoil();
            [$status, $out, $err] = $this->install('--check');
            self::assertSame(1, $status, $words . $out);
            self::assertStringContainsString($words, $out . $err);
            file_put_contents($file, $own);
        }
        unlink($ini);
        self::assertSame(1, $this->install('--check')[0]);
    }

    /** A PHP as official images have it: PHP_INI_DIR is the folder above the one that is scanned; no Debian around it. */
    public function testAPhpThatIsNotDebians(): void
    {
        $etc = "{$this->system}/etc php";
        mkdir("{$etc}/conf.d", 0755, true);
        $program = "{$this->system}/php";
        file_put_contents($program, "#!/bin/sh\ncase \"\$*\" in\n  *PHP_CONFIG_FILE_SCAN_DIR*) echo '{$etc}/conf.d' ;;\n"
            . "  *PHP_EXTENSION_DIR*) echo '{$this->system}/extensions' ;;\n"
            . "  *) PHP_INI_SCAN_DIR='{$etc}/conf.d' exec " . PHP_BINARY . " -d extension_dir='{$this->system}/extensions' \"\$@\" ;;\nesac\n");
        chmod($program, 0755);
        $run = fn (string ...$options): array => Project::run(
            ['sh', Project::folder() . '/bin/install', $this->gestor->root, ...$options],
            null,
            Project::environment(['PHP' => $program, 'PHP_INI_DIR' => $etc, 'GESTOR_PLUGINS_RECORDS' => "{$this->system}/records"])
        );
        [$status, $out, $err] = $run();
        self::assertSame(0, $status, $out . $err);
        self::assertFileExists("{$etc}/conf.d/50-gestor_plugins.ini");
        [$status, $out, $err] = $run('--check');
        self::assertSame(0, $status, $out . $err);
        self::assertStringContainsString('loads the extension gestor_plugins', $out);
        file_put_contents("{$etc}/conf.d/50-gestor_plugins.ini", '');
        [$status, $out] = $run('--check');
        self::assertSame(1, $status);
        self::assertStringContainsString('does not load the extension: its ini files do not name it', $out);
        self::assertSame(0, $run('--undo')[0]);
        self::assertSame([], array_diff(scandir("{$etc}/conf.d"), ['.', '..']));
    }

    /** As in official images, which have no FFI: nothing is installed, and no way is offered that is none. */
    public function testAnExtensionForAnotherPhpSaysWhatElseThereIs(): void
    {
        $before = Project::tree($this->gestor->root);
        $program = "{$this->system}/php";
        file_put_contents($program, "#!/bin/sh\ncase \"\$*\" in\n  *extension=*) printf 'Module compiled with module API=20210902\\nPHP    compiled with module API=20220829\\n' ;;\n"
            . "  *) exec " . PHP_BINARY . " -n \"\$@\" ;;\nesac\n");
        chmod($program, 0755);
        $run = fn (string ...$options): array => Project::run(
            ['sh', Project::folder() . '/bin/install', $this->gestor->root, ...$options],
            null,
            Project::environment(['PHP' => $program, 'GESTOR_PLUGINS_RECORDS' => "{$this->system}/records"])
        );
        [$status, , $err] = $run();
        self::assertSame(1, $status);
        self::assertStringContainsString('was built for another PHP (its API is 20210902), and ' . $program . ' wants 20220829', $err);
        self::assertStringContainsString('There is no other way: this PHP has no FFI either', $err);
        self::assertSame($before, Project::tree($this->gestor->root));
        self::assertSame(0, $run('--no-extension')[0]);
        [$status, $out] = $run('--check');
        self::assertSame(1, $status);
        self::assertStringContainsString('the C library cannot be used: the PHP extension gestor_plugins is not loaded', $out);
    }

    /** Pages may be served by another PHP than the command line's. */
    public function testCheckLooksForThePhpInApache(): void
    {
        mkdir("{$this->system}/apache/mods-enabled", 0755, true);
        touch("{$this->system}/apache/mods-enabled/php7.9.load");
        putenv("APACHE_CONFDIR={$this->system}/apache");
        try {
            $this->install();
            [$status, $out] = $this->install('--check');
            self::assertSame(0, $status, $out);
            self::assertStringContainsString('ATTENTION: Apache runs PHP 7.9, which this extension is not for', $out);
            $this->install('--undo');
            $this->install('--no-extension');
            [$status, $out] = $this->install('--check');
            self::assertSame(0, $status, $out);
            self::assertStringContainsString("ATTENTION: Apache's PHP 7.9 loads no extension and does not allow FFI", $out);
        } finally {
            putenv('APACHE_CONFDIR');
        }
    }

    /** What dpkg brought is its own: left alone, looked at, and not replaced by another release. */
    public function testAnExtensionOfADebianPackageIsLeftToIt(): void
    {
        $bin = "{$this->system}/bin";
        mkdir($bin);
        $file = "{$this->system}/extensions/gestor_plugins.so";
        file_put_contents("{$bin}/dpkg-query", "#!/bin/sh\n[ \"\$2\" = '{$file}' ] && [ -e '{$file}' ] && echo \"phpX-gestor-plugins: \$2\"\n");
        chmod("{$bin}/dpkg-query", 0755);
        $path = (string) getenv('PATH');
        putenv("PATH={$bin}:{$path}");
        try {
            self::assertSame(0, $this->install()[0]);
            // A package takes over what bin/install had put there: its files outlive --undo.
            [$status, $out] = $this->install('--undo');
            self::assertSame(0, $status);
            self::assertStringContainsString("it is the package phpX-gestor-plugins's now", $out);
            self::assertFileExists($file);
            [$status, $out, $err] = $this->install();
            self::assertSame(0, $status, $out . $err);
            self::assertStringContainsString('the package phpX-gestor-plugins brings it', $out);
            file_put_contents($file, "\n", FILE_APPEND);
            [$status, $out] = $this->install('--check');
            self::assertSame(1, $status, $out);
            self::assertStringContainsString('outdated', $out);
            $before = Project::tree($this->gestor->root);
            [$status, , $err] = $this->install();
            self::assertSame(1, $status);
            self::assertStringContainsString('belongs to the package phpX-gestor-plugins', $err);
            self::assertSame($before, Project::tree($this->gestor->root));
        } finally {
            putenv("PATH={$path}");
        }
    }

    /** What is there needs no package, whoever brought it. */
    public function testSetupAsksForNothingThatIsThere(): void
    {
        $bin = "{$this->system}/bin";
        mkdir($bin);
        foreach (['apt-get', 'dpkg-query', 'sudo'] as $name) {
            file_put_contents("{$bin}/{$name}", "#!/bin/sh\necho \"{$name} \$*\" >>'{$this->system}/asked'\nexit 1\n");
            chmod("{$bin}/{$name}", 0755);
        }
        foreach (['build', 'demo', 'test'] as $level) {
            [$status, $out, $err] = Project::run(['sh', Project::folder() . '/bin/setup', $level], null, Project::environment(['PATH' => "{$bin}:" . getenv('PATH')]));
            self::assertSame(0, $status, $out . $err);
        }
        // php-config asks dpkg-query for itself.
        $asked = "{$this->system}/asked";
        self::assertDoesNotMatchRegularExpression('/^(apt-get|sudo)/m', is_file($asked) ? (string) file_get_contents($asked) : '');
        // A PHP that is not Debian's and lacks a module: no Debian package helps.
        file_put_contents("{$bin}/php", "#!/bin/sh\necho Core\n");
        chmod("{$bin}/php", 0755);
        [$status, , $err] = Project::run(['sh', Project::folder() . '/bin/setup', 'demo'], null, Project::environment(['PATH' => "{$bin}:" . getenv('PATH')]));
        self::assertSame(1, $status);
        self::assertStringContainsString('docker-php-ext-install', $err);
        self::assertDoesNotMatchRegularExpression('/^(apt-get|sudo)/m', (string) file_get_contents($asked));
    }
}
