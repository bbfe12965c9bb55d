--TEST--
A thousand calls leave nothing in PHP's memory
--EXTENSIONS--
gestor_plugins
--FILE--
<?php
$call = function () {
    plugin_install(['slug' => 'a', 'raiz' => '/no/such/gestor', 'limites' => ['entradas' => 5], 'migracoes' => fn () => []], fn () => true);
    plugin_report();
    plugin_checksum(__FILE__);
    plugin_resource_checksum(__FILE__, null);
    plg_exit_code_label(5);
    try { plugin_install(['raiz' => []]); } catch (TypeError) {}
    try { plugin_data_table('x'); } catch (ValueError) {}
};
for ($i = 0; $i < 20; $i++) $call();
gc_collect_cycles();
$before = memory_get_usage();
for ($i = 0; $i < 1000; $i++) $call();
gc_collect_cycles();
var_dump(memory_get_usage() - $before < 1024);
?>
--EXPECT--
bool(true)
