--TEST--
Scalars are coerced as PHP does it in weak mode
--EXTENSIONS--
gestor_plugins
--FILE--
<?php
final class Name { function __toString(): string { return 'PaginasData.json'; } }
var_dump(plg_exit_code_label('22'), plg_exit_code_label(22.0), plg_exit_code_label(true));
var_dump(plugin_data_table(new Name()));
foreach ([fn () => plg_exit_code_label('x'), fn () => plg_exit_code_label([]), fn () => plg_exit_code_label(), fn () => plugin_report(1),
    fn () => plugin_checksum("a\0b"), fn () => plugin_install('x'), fn () => plugin_install(['raiz' => '/x'], 'no such function'),
    fn () => plugin_install(['raiz' => '/x'], 5)] as $call) {
    try {
        $call();
    } catch (Error $fault) {
        echo get_class($fault), ': ', $fault->getMessage(), "\n";
    }
}
?>
--EXPECT--
string(8) "CHECKSUM"
string(8) "CHECKSUM"
string(7) "UNKNOWN"
string(7) "paginas"
TypeError: plg_exit_code_label(): Argument #1 ($code) must be of type int, string given
TypeError: plg_exit_code_label(): Argument #1 ($code) must be of type int, array given
ArgumentCountError: plg_exit_code_label() expects exactly 1 argument, 0 given
ArgumentCountError: plugin_report() expects exactly 0 arguments, 1 given
ValueError: plugin_checksum(): Argument #1 ($file) must not contain any null bytes
TypeError: plugin_install(): Argument #1 ($params) must be of type array, string given
TypeError: plugin_install(): Argument #2 ($progress) must be a valid callback or null, string given
TypeError: plugin_install(): Argument #2 ($progress) must be a valid callback or null, int given
