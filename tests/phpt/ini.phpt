--TEST--
INI settings: all are there, a wrong one is a ValueError of the next call, an empty one is not set
--EXTENSIONS--
gestor_plugins
--ENV--
GESTOR_PLUGINS_CONFLITOS=talvez
--INI--
gestor_plugins.espera_lock=0
--FILE--
<?php
echo implode(' ', array_map(fn ($name) => substr($name, 15), array_keys(ini_get_all('gestor_plugins')))), "\n";
var_dump(ini_get('gestor_plugins.espera_lock'));
$call = function () {
    try {
        plugin_install(['slug' => 'a', 'raiz' => '/no/such/gestor']);
        echo "called\n";
    } catch (ValueError $fault) {
        echo $fault->getMessage(), "\n";
    }
};
$call();
ini_set('gestor_plugins.conflitos', 'pular');
$call();
ini_set('gestor_plugins.entradas', 'many');
$call();
ini_set('gestor_plugins.entradas', '');
ini_set('gestor_plugins.log_level', 'loud');
$call();
?>
--EXPECT--
adocao blacklist bytes_entrada bytes_nome bytes_pacote bytes_total ca_file conflitos entradas espera_lock github_api github_web http_idle http_total lang log_level orfaos profundidade razao
string(1) "0"
parameter `conflitos` is "talvez"; allowed: abortar, pular
called
parameter `entradas` is "many"; allowed: 0 or more
parameter `log_level` is "loud"; allowed: info, debug
