--TEST--
open_basedir holds for checksums
--EXTENSIONS--
gestor_plugins
--FILE--
<?php
$file = __FILE__;
ini_set('open_basedir', __DIR__);
var_dump(plugin_checksum($file) === hash_file('sha256', $file));
var_dump(plugin_checksum('/etc/passwd'));
var_dump(plugin_resource_checksum('/etc/passwd', null));
?>
--EXPECTF--
bool(true)

Warning: plugin_checksum(): open_basedir restriction in effect. File(/etc/passwd) is not within the allowed path(s): (%s) in %s on line %d
NULL

Warning: plugin_resource_checksum(): open_basedir restriction in effect. File(/etc/passwd) is not within the allowed path(s): (%s) in %s on line %d
NULL
