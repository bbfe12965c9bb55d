<?php

/** What a gestor's config.php leaves behind, as far as installing plugins goes. The demo names its database. */

$_GESTOR = [
    'ROOT_PATH' => __DIR__ . '/',
    'versao' => '2.9.43',
    'linguagem-codigo' => 'en',
    'linguagem-padrao' => 'pt-br',
];

$_BANCO = [
    'tipo' => 'mysqli',
    'host' => 'localhost:' . getenv('DEMO_SOCKET'),
    'nome' => 'gestor',
    'usuario' => 'root',
    'senha' => '',
];
