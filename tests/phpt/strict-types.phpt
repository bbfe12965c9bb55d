--TEST--
A caller with strict types gets a TypeError
--EXTENSIONS--
gestor_plugins
--FILE--
<?php
declare(strict_types=1);
try {
    plg_exit_code_label('22');
} catch (TypeError $fault) {
    echo $fault->getMessage(), "\n";
}
echo plg_exit_code_label(22), "\n";
?>
--EXPECT--
plg_exit_code_label(): Argument #1 ($code) must be of type int, string given
CHECKSUM
