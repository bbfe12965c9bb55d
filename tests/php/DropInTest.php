<?php

declare(strict_types=1);

use PHPUnit\Framework\TestCase;
use Tests\DropInSite;
use Tests\GestorTree;
use Tests\Project;

/** bin/install into a gestor with files of its own: idempotent, checked, undone. */
final class DropInTest extends TestCase
{
    use DropInSite;

    public function testThereAndBack(): void
    {
        $before = Project::tree($this->gestor->root);
        [$status, $out, $err] = $this->install();
        self::assertSame(0, $status, $out . $err);
        self::assertFileEquals(Project::folder() . '/php/gestor/bibliotecas/plugins-installer.php', $this->gestor->root . '/bibliotecas/plugins-installer.php');
        self::assertStringContainsString("the gestor's own", (string) file_get_contents($this->gestor->root . '/bibliotecas/plugins-installer.php.orig'));
        self::assertFileEquals(Project::folder() . '/target/gestor_plugins.so', "{$this->system}/extensions/gestor_plugins.so");
        self::assertStringContainsString("\nextension=gestor_plugins.so\n", (string) file_get_contents("{$this->system}/ini/gestor_plugins.ini"));

        $installed = Project::tree($this->gestor->root);
        [$status, $out] = $this->install();
        self::assertSame(0, $status);
        self::assertStringContainsString('every file stands there already', $out);
        self::assertSame($installed, Project::tree($this->gestor->root));
        self::assertSame(0, $this->install('--check')[0]);

        [$status, $out, $err] = $this->install('--undo');
        self::assertSame(0, $status, $out . $err);
        self::assertSame($before, Project::tree($this->gestor->root));
        self::assertSame([], array_diff(scandir("{$this->system}/extensions"), ['.', '..']));
        self::assertSame([], array_diff(scandir("{$this->system}/ini"), ['.', '..']));
        self::assertSame(1, $this->install('--check')[0]);
    }

    public function testACoreUpdateIsNoticedAndItsFilesAreTheOriginalsNow(): void
    {
        $this->install('--no-extension');
        $file = $this->gestor->root . '/bibliotecas/plugins-installer.php';
        file_put_contents($file, "<?php // the gestor's newer own\n");
        [$status, $out] = $this->install('--check');
        self::assertSame(1, $status);
        self::assertStringContainsString('replaced bibliotecas/plugins-installer.php', $out);
        self::assertSame(0, $this->install('--no-extension')[0]);
        self::assertSame(0, $this->install('--check')[0]);
        $this->install('--undo');
        self::assertSame("<?php // the gestor's newer own\n", file_get_contents($file));
    }

    public function testUndoLeavesWhatIsNotOurs(): void
    {
        $this->install('--no-extension');
        $file = $this->gestor->root . '/bibliotecas/plugins-consts.php';
        file_put_contents($file, "<?php // put back by a core update\n");
        self::assertSame(0, $this->install('--undo')[0]);
        self::assertSame("<?php // put back by a core update\n", file_get_contents($file));
        self::assertFileDoesNotExist($file . '.orig');
    }

    public function testAnotherGestorKeepsTheExtension(): void
    {
        $this->install();
        $other = new GestorTree(null, 'en', false);
        $mine = $this->gestor;
        $this->gestor = $other;
        $this->install();
        $this->gestor = $mine;
        [, $out] = $this->install('--undo');
        self::assertStringContainsString('other gestors use it', $out);
        self::assertFileExists("{$this->system}/extensions/gestor_plugins.so");
        $other->remove();
    }

    public function testAFolderThatIsNoGestorIsRefused(): void
    {
        unlink($this->gestor->root . '/config.php');
        [$status, , $err] = $this->install();
        self::assertSame(1, $status);
        self::assertStringContainsString('is no gestor', $err);
    }

    private function owned(string $path): void
    {
        self::assertSame(0, posix_getuid(), 'this test needs root, to install as root into what another user owns');
        Project::run(['chown', '-hR', 'www-data:www-data', $path]);
        chmod(dirname($this->gestor->root), 0755);
        chmod($this->system, 0755);
    }

    /** A folder of root's that no one else may touch, with a file in it. */
    private function victim(): string
    {
        $victim = "{$this->system}/victim";
        mkdir($victim, 0755);
        file_put_contents("{$victim}/passwd", "root's\n");
        chmod("{$victim}/passwd", 0644);
        return $victim;
    }

    /** @return iterable<string, array{bool}> */
    public static function owners(): iterable
    {
        yield 'of the web user' => [true];
        yield 'of root' => [false];
    }

    /** @dataProvider owners */
    public function testAFileThatIsALinkIsKeptAsALink(bool $owned): void
    {
        $victim = $this->victim();
        $link = "{$this->gestor->root}/bibliotecas/plugins-consts.php";
        unlink($link);
        symlink("{$victim}/passwd", $link);
        $before = Project::tree($this->gestor->root);
        $owned && $this->owned($this->gestor->root);
        [$status, $out, $err] = $this->install('--no-extension');
        self::assertSame(0, $status, $out . $err);
        self::assertFalse(is_link($link));
        self::assertSame($owned ? 33 : 0, fileowner($link));
        self::assertTrue(is_link("{$link}.orig"));
        self::assertSame(0, $this->install('--no-extension', '--undo')[0]);
        self::assertSame("{$victim}/passwd", readlink($link));
        self::assertSame($before, Project::tree($this->gestor->root));
        self::assertSame(['passwd'], array_values(array_diff(scandir($victim), ['.', '..'])));
        self::assertSame("root's\n", file_get_contents("{$victim}/passwd"));
        self::assertSame([0, 0], [fileowner("{$victim}/passwd"), fileowner($victim)]);
    }

    /** @return iterable<string, array{string, bool}> */
    public static function folders(): iterable
    {
        foreach (['bibliotecas', 'bibliotecas/plugins-native', 'controladores/plugins', 'tests'] as $folder) {
            yield "{$folder}, of the web user" => [$folder, true];
            yield "{$folder}, of root" => [$folder, false];
        }
    }

    /** @dataProvider folders */
    public function testAFolderThatIsALinkIsRefused(string $folder, bool $owned): void
    {
        $victim = $this->victim();
        Project::remove("{$this->gestor->root}/{$folder}");
        symlink($victim, "{$this->gestor->root}/{$folder}");
        $owned && $this->owned($this->gestor->root);
        foreach ([[], ['--undo'], ['--check']] as $options) {
            [$status, $out, $err] = $this->install('--no-extension', ...$options);
            self::assertNotSame(0, $status, $out);
            self::assertStringContainsString('is a link', $out . $err);
        }
        self::assertSame(['passwd'], array_values(array_diff(scandir($victim), ['.', '..'])));
        self::assertSame("root's\n", file_get_contents("{$victim}/passwd"));
    }

    public function testARecordInTheSiteIsNotBelieved(): void
    {
        $victim = $this->victim();
        $this->install('--no-extension');
        $native = "{$this->gestor->root}/bibliotecas/plugins-native";
        $sum = hash_file('sha256', "{$victim}/passwd");
        foreach (['installed.txt', 'record'] as $name) {
            file_put_contents("{$native}/{$name}", "file {$sum} ../../../victim/passwd\nini {$victim}/passwd\nextension {$victim}/passwd\nfolder ../victim\n");
        }
        $this->owned($this->gestor->root);
        self::assertSame(0, $this->install('--undo')[0]);
        self::assertSame("root's\n", file_get_contents("{$victim}/passwd"));
        // One that others may write to is not believed either.
        mkdir("{$this->system}/records", 0777);
        chmod("{$this->system}/records", 0777);
        [$status, , $err] = $this->install('--undo');
        self::assertSame(1, $status);
        self::assertStringContainsString('must belong to root', $err);
    }

    /** A user without a home keeps the record with the gestor's backups: there the web user may have planted one. */
    public function testARecordThatAnotherUserPlantedIsNotBelieved(): void
    {
        $victim = $this->victim();
        $this->owned($this->gestor->root);
        $key = substr(hash('sha256', (string) realpath($this->gestor->root)), 0, 32);
        $folder = "{$this->gestor->root}/backups/.gestor-plugins-{$key}";
        mkdir($folder);
        file_put_contents("{$folder}/record", "gestor {$this->gestor->root}\nextension {$victim}/passwd\nini {$victim}/passwd\n");
        foreach (['www-data:www-data', 'backup:www-data', 'backup:backup'] as $owner) {
            Project::run(['chown', '-R', $owner, $folder]);
            Project::run(['chown', '-R', $owner === 'backup:backup' ? 'www-data' : 'backup', $victim]);
            Project::run(['chown', 'backup:backup', "{$folder}/record"]);
            [$status, , $err] = Project::run(
                ['setpriv', '--reuid=34', '--regid=34', '--clear-groups', 'sh', Project::folder() . '/bin/install', $this->gestor->root, '--undo'],
                '/',
                ['PATH' => (string) getenv('PATH'), 'HOME' => '/nonexistent', 'PHP' => PHP_BINARY]
            );
            self::assertSame(1, $status, $owner);
            self::assertStringContainsString('GESTOR_PLUGINS_RECORDS', $err);
            self::assertFileExists("{$victim}/passwd", $owner);
        }
    }

    public function testAnyUsersPhpLoadsTheExtensionWhateverTheUmask(): void
    {
        $umask = umask(0077);
        [$status, $out, $err] = $this->install();
        umask($umask);
        self::assertSame(0, $status, $out . $err);
        self::assertSame('0644', substr(sprintf('%o', fileperms("{$this->system}/ini/gestor_plugins.ini")), -4));
        self::assertSame('0644', substr(sprintf('%o', fileperms("{$this->system}/extensions/gestor_plugins.so")), -4));
    }

    public function testWithoutRootTheUserKeepsItsOwnRecord(): void
    {
        $before = Project::tree($this->gestor->root);
        $this->owned($this->gestor->root);
        $run = fn (string ...$options): array => Project::run(
            ['setpriv', '--reuid=33', '--regid=33', '--clear-groups', 'sh', Project::folder() . '/bin/install', $this->gestor->root, '--no-extension', ...$options],
            '/',
            ['PATH' => (string) getenv('PATH'), 'HOME' => '/nonexistent', 'PHP' => PHP_BINARY]
        );
        [$status, $out, $err] = $run();
        self::assertSame(0, $status, $out . $err);
        self::assertSame(0, $run('--check')[0]);
        self::assertSame(0, $run('--undo')[0]);
        self::assertSame($before, Project::tree($this->gestor->root));
    }

    public function testUndoIsExactAfterAnInstallationThatWasCut(): void
    {
        $original = Project::tree($this->gestor->root);
        // One that stops half way.
        $file = "{$this->gestor->root}/controladores/plugins/atualizacao-plugin.php";
        rename($file, "{$file}.away");
        mkdir($file);
        self::assertSame(1, $this->install('--no-extension')[0]);
        rmdir($file);
        rename("{$file}.away", $file);
        self::assertNotSame($original, Project::tree($this->gestor->root));
        self::assertSame(0, $this->install('--no-extension', '--undo')[0]);
        self::assertSame($original, Project::tree($this->gestor->root));
        foreach ([0.2, 0.5, 0.8, 1.2, 1.6, 2.2] as $seconds) {
            Project::run(
                ['timeout', '-s', 'KILL', (string) $seconds, 'sh', Project::folder() . '/bin/install', $this->gestor->root, '--no-extension'],
                null,
                Project::environment(['GESTOR_PLUGINS_RECORDS' => "{$this->system}/records"])
            );
            usleep(200000);
            self::assertSame(0, $this->install('--no-extension', '--undo')[0]);
            self::assertSame($original, Project::tree($this->gestor->root), "killed after {$seconds} s");
        }
    }

    public function testUndoIsExactAfterACoreUpdateTookTheFolder(): void
    {
        self::assertSame(0, $this->install('--no-extension')[0]);
        Project::remove("{$this->gestor->root}/bibliotecas");
        mkdir("{$this->gestor->root}/bibliotecas");
        foreach (['plugins-consts', 'plugins-installer'] as $name) {
            file_put_contents("{$this->gestor->root}/bibliotecas/{$name}.php", "<?php // newer\n");
        }
        self::assertSame(0, $this->install('--no-extension', '--undo')[0]);
        self::assertSame(['plugins-consts.php', 'plugins-installer.php'], array_values(array_diff(scandir("{$this->gestor->root}/bibliotecas"), ['.', '..'])));
        self::assertSame("<?php // the gestor's own\n", file_get_contents("{$this->gestor->root}/controladores/plugins/atualizacao-plugin.php"));
        self::assertFileDoesNotExist("{$this->gestor->root}/controladores/plugins/atualizacao-plugin.php.orig");
        self::assertDirectoryDoesNotExist("{$this->gestor->root}/tests");
    }

    public function testAnotherOnesOrigStays(): void
    {
        file_put_contents("{$this->gestor->root}/bibliotecas/plugins-consts.php.orig", 'mine');
        $before = Project::tree($this->gestor->root);
        self::assertSame(0, $this->install('--no-extension')[0]);
        self::assertSame('mine', file_get_contents("{$this->gestor->root}/bibliotecas/plugins-consts.php.orig"));
        self::assertSame(0, $this->install('--no-extension', '--undo')[0]);
        self::assertSame($before, Project::tree($this->gestor->root));
    }

    public function testAFolderWithSpacesAndALinkToIt(): void
    {
        $place = "{$this->system}/my gestor";
        rename($this->gestor->root, $place);
        symlink($place, $this->gestor->root);
        $before = Project::tree($place);
        self::assertSame(0, $this->install('--no-extension')[0]);
        self::assertSame(0, $this->install('--check')[0]);
        symlink(Project::folder() . '/bin/install', "{$this->system}/a link");
        [$status, $out, $err] = Project::run(['sh', "{$this->system}/a link", $place, '--no-extension', '--undo'], '/', Project::environment(['GESTOR_PLUGINS_RECORDS' => "{$this->system}/records"]));
        self::assertSame(0, $status, $out . $err);
        self::assertSame($before, Project::tree($place));
        unlink($this->gestor->root);
        rename($place, $this->gestor->root);
    }

    public function testFilesThatACoreUpdatePutBackAreToldAtTheNextCall(): void
    {
        self::assertSame(0, $this->install('--no-extension')[0]);
        [$root, $script] = [$this->gestor->root, $this->gestor->script()];
        file_put_contents("{$root}/bibliotecas/plugins-consts.php", "<?php foreach (['OK' => 0, 'PARAMS_OR_FILE' => 10, 'INTERNAL' => 99] as \$name => \$code) { defined(\"PLG_EXIT_{\$name}\") || define(\"PLG_EXIT_{\$name}\", \$code); }");
        $log = "{$root}/logs/plugins/installer.log";
        Project::php([$script, '--id=agenda-x', '--arquivo=none.zip', '--dry-run']);
        self::assertFileDoesNotExist($log);
        Project::php([$script, '--id=agenda-x', '--arquivo=none.zip']);
        self::assertStringContainsString('[PLUGIN:agenda-x] [warn] an update of the gestor has put its old files back (bibliotecas/plugins-consts.php): run bin/install again', (string) file_get_contents($log));
        file_put_contents("{$root}/bibliotecas/plugins-installer.php", "<?php // the gestor's own\n");
        [$status, , $err] = Project::php([$script, '--id=agenda-x', '--arquivo=none.zip']);
        self::assertSame(10, $status);
        self::assertStringContainsString('run bin/install again', $err);
        self::assertStringContainsString('[PLUGIN:agenda-x] [erro] an update of the gestor', (string) file_get_contents($log));
        self::assertSame(1, $this->install('--check')[0]);
    }
}
