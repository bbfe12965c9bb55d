--TEST--
The extension declares its functions with types and defaults
--EXTENSIONS--
gestor_plugins
--FILE--
<?php
foreach ((new ReflectionExtension('gestor_plugins'))->getFunctions() as $function) {
    $parameters = array_map(fn ($p) => trim($p->getType() . ' $' . $p->getName()
        . ($p->isDefaultValueAvailable() ? ' = ' . strtolower(var_export($p->getDefaultValue(), true)) : '')), $function->getParameters());
    echo $function->getName(), '(', implode(', ', $parameters), '): ', $function->getReturnType(), "\n";
}
?>
--EXPECT--
plugin_install(array $params, ?callable $progress = null): int
plugin_uninstall(array $params, ?callable $progress = null): int
plugin_restore(array $params, ?callable $progress = null): int
plugin_disable(array $params, ?callable $progress = null): int
plugin_enable(array $params, ?callable $progress = null): int
plugin_update_all(array $params, ?callable $progress = null): int
plugin_rollback(array $params, ?callable $progress = null): int
plugin_report(): ?array
plg_exit_code_label(int $code): string
plugin_checksum(string $file): ?string
plugin_resource_checksum(?string $html, ?string $css): ?array
plugin_data_table(string $file): string
plugin_data_sync(array $params): array
plugin_status_mark(array $params): bool
plugin_recover(array $params): array
plugin_list(array $params): array
plugin_history(array $params): array
plugin_conflicts(array $params): array
plugin_resolve(array $params, ?callable $progress = null): int
plugin_verify(array $params, ?callable $progress = null): int
plugin_diff(array $params, ?callable $progress = null): int
