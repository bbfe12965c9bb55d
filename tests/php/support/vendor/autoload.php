<?php

declare(strict_types=1);

/** A stand-in for the parts of Phinx and Symfony Console that the runner names, for machines without Composer. */

spl_autoload_register(static function (string $class): void {
    $files = [
        'Phinx\Config\Config' => 'Phinx/Config.php',
        'Phinx\Migration\Manager' => 'Phinx/Manager.php',
        'Phinx\Migration\AbstractMigration' => 'Phinx/AbstractMigration.php',
        'Symfony\Component\Console\Input\ArrayInput' => 'Symfony/ArrayInput.php',
        'Symfony\Component\Console\Output\BufferedOutput' => 'Symfony/BufferedOutput.php',
    ];
    if (isset($files[$class])) {
        require_once __DIR__ . '/' . $files[$class];
    }
});
