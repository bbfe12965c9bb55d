<?php

/** A gestor's phinx.php returns its configuration. The plugin installer puts in its own folder and log table. */

return [
    'paths' => ['migrations' => __DIR__ . '/db/migrations'],
    'environments' => [
        'default_migration_table' => 'phinxlog',
        'default_environment' => 'gestor',
        'gestor' => [
            'adapter' => 'mysql',
            'host' => 'localhost',
            'unix_socket' => getenv('DEMO_SOCKET'),
            'name' => 'gestor',
            'user' => 'root',
            'pass' => '',
            'charset' => 'utf8mb4',
        ],
    ],
    'version_order' => 'creation',
];
