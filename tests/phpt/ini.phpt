--TEST--
INI settings: all are there; a wrong value is told and refused, an empty one is not set; what protects the machine no script changes
--EXTENSIONS--
gestor_plugins
--INI--
gestor_plugins.lang=en
gestor_plugins.espera_lock=0
gestor_plugins.entradas=12
--FILE--
<?php
$all = ini_get_all('gestor_plugins');
foreach ([INI_ALL => 'all', INI_SYSTEM => 'system'] as $access => $name) {
    $keys = array_keys(array_filter($all, fn ($setting) => $setting['access'] === $access));
    echo $name, ': ', implode(' ', array_map(fn ($key) => substr($key, 15), $keys)), "\n";
}
var_dump(ini_get('gestor_plugins.espera_lock'));
var_dump(ini_set('gestor_plugins.conflitos', 'pular'), ini_set('gestor_plugins.conflitos', 'talvez'), ini_get('gestor_plugins.conflitos'));
var_dump(ini_set('gestor_plugins.log_level', 'loud'), ini_set('gestor_plugins.log_level', ''));
foreach (['entradas' => '99999', 'blacklist' => 'none', 'ca_file' => '/tmp/x', 'github_api' => 'https://example.org'] as $key => $value) {
    var_dump(ini_set("gestor_plugins.{$key}", $value));
    putenv('GESTOR_PLUGINS_' . strtoupper($key) . "={$value}");
}
putenv('GESTOR_PLUGINS_BYTES_TOTAL=99999999999');
putenv('GESTOR_PLUGINS_ADOCAO=sempre');
ob_start();
(new ReflectionExtension('gestor_plugins'))->info();
preg_match_all('/^gestor_plugins\.(?:conflitos|entradas|bytes_total|blacklist|ca_file|github_api|adocao) => .*$/m', ob_get_clean(), $found);
echo implode("\n", $found[0]), "\n";
?>
--EXPECTF--
all: adocao bases conflitos espera_lock estatisticas fusao guardar_backups guardar_bytes guardar_dias guardar_removidos guardar_versoes historico_dias historico_linhas http_idle http_total lang log_level orfaos pasta_indice poda reparar_apos_atualizacao
system: assinatura auditoria auditoria_dias auditoria_mb blacklist bytes_entrada bytes_nome bytes_pacote bytes_texto bytes_total ca_file colunas confianca entradas github_api github_web linhas modulos php profundidade razao recursos scripts tabelas
string(1) "0"

Warning: ini_set(): the setting gestor_plugins.conflitos is "talvez"; allowed: abortar, pular in %s on line %d
string(0) ""
bool(false)
string(5) "pular"

Warning: ini_set(): the setting gestor_plugins.log_level is "loud"; allowed: info, debug in %s on line %d
bool(false)
string(0) ""
bool(false)
bool(false)
bool(false)
bool(false)
gestor_plugins.adocao => sempre => environment
gestor_plugins.conflitos => pular => PHP configuration
gestor_plugins.blacklist => .env*,.git/,.htpasswd => default
gestor_plugins.github_api => https://api.github.com => default
gestor_plugins.ca_file => none => default
gestor_plugins.entradas => 12 => PHP configuration
gestor_plugins.bytes_total => 536870912 => default
