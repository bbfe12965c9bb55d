<?php

declare(strict_types=1);

namespace Tests;

/** A gestor with files of its own, and a system into whose folders bin/install puts the extension. */
trait DropInSite
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
}
