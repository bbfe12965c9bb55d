<?php

declare(strict_types=1);

/** The suite over a real gestor; bin/test-gestor runs it. */

require_once __DIR__ . '/../php/support/Project.php';
require_once __DIR__ . '/../php/support/Database.php';
require_once __DIR__ . '/../php/support/Authority.php';
require_once __DIR__ . '/../php/support/Github.php';
foreach (['Original', 'Site', 'OnSite', 'Browser', 'Administrator', 'Agenda', 'Panel', 'PublicPlugin'] as $class) {
    require_once __DIR__ . "/support/{$class}.php";
}
