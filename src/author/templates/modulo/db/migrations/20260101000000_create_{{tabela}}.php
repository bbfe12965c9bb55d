<?php

declare(strict_types=1);

use Phinx\Migration\AbstractMigration;

/**
 * A tabela do módulo. `change()` só faz o que tem volta: quem desinstala pode desfazê-la.
 * The module's table. `change()` only does what can be undone: who uninstalls can take it back.
 */
final class Create{{classe}} extends AbstractMigration
{
    public function change(): void
    {
        $this->table('{{tabela}}', ['id' => 'id_{{tabela}}'])
            ->addColumn('id_usuarios', 'integer', ['null' => true, 'default' => null])
            ->addColumn('nome', 'string', ['limit' => 255])
            ->addColumn('id', 'string', ['limit' => 255])
            ->addColumn('texto', 'text', ['null' => true, 'default' => null])
            ->addColumn('language', 'string', ['limit' => 10, 'default' => 'pt-br'])
            ->addColumn('status', 'char', ['limit' => 1, 'default' => 'A'])
            ->addColumn('versao', 'integer', ['default' => 1])
            ->addColumn('data_criacao', 'datetime')
            ->addColumn('data_modificacao', 'datetime')
            ->addIndex(['id', 'language'])
            ->create();
    }
}
