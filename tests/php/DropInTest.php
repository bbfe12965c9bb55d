<?php

declare(strict_types=1);

use PHPUnit\Framework\TestCase;
use Tests\GestorTree;
use Tests\Project;

/** bin/install into a gestor with files of its own: idempotent, checked, undone. */
final class DropInTest extends TestCase
{
    private GestorTree $gestor;
    private string $system;

    protected function setUp(): void
    {
        $this->gestor = new GestorTree(null, 'en', false);
        $this->system = Project::temporaryFolder();
        mkdir("{$this->system}/extensions");
        mkdir("{$this->system}/ini");
        file_put_contents($this->gestor->root . '/bibliotecas/plugins-consts.php', "<?php // the gestor's own\n");
        file_put_contents($this->gestor->root . '/bibliotecas/plugins-installer.php', "<?php // the gestor's own\n");
        file_put_contents($this->gestor->root . '/controladores/plugins/atualizacao-plugin.php', "<?php // the gestor's own\n");
    }

    protected function tearDown(): void
    {
        $this->gestor->remove();
        Project::remove($this->system);
    }

    private function install(string ...$options): array
    {
        return Project::run(
            ['sh', Project::folder() . '/bin/install', $this->gestor->root, ...$options],
            null,
            Project::environment(['PHP_EXTENSION_DIR' => "{$this->system}/extensions", 'PHP_INI_DIR' => "{$this->system}/ini", 'PHP' => PHP_BINARY,
                'GESTOR_PLUGINS_RECORDS' => "{$this->system}/records"])
        );
    }

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
}
