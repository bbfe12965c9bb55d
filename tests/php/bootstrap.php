<?php

declare(strict_types=1);

/** One suite for both backends: the extension where it is loaded, else the C library through FFI. */

require_once __DIR__ . '/support/Project.php';
require_once __DIR__ . '/support/Database.php';
require_once __DIR__ . '/support/GestorTree.php';
require_once __DIR__ . '/support/DropInSite.php';
require_once __DIR__ . '/support/Package.php';
require_once __DIR__ . '/support/PackagedSite.php';
require_once __DIR__ . '/../../php/gestor/bibliotecas/plugins-installer.php';
