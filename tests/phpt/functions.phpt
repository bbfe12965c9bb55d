--TEST--
The extension declares its functions that are no operations with types and defaults
--EXTENSIONS--
gestor_plugins
--FILE--
<?php
foreach ((new ReflectionExtension('gestor_plugins'))->getFunctions() as $function) {
    if (($function->getParameters()[0] ?? null)?->getName() === 'params') {
        // Of the catalogue: the stubs, which are written from it, are compared with these.
        continue;
    }
    $parameters = array_map(fn ($p) => trim($p->getType() . ' $' . $p->getName()
        . ($p->isDefaultValueAvailable() ? ' = ' . strtolower(var_export($p->getDefaultValue(), true)) : '')), $function->getParameters());
    echo $function->getName(), '(', implode(', ', $parameters), '): ', $function->getReturnType(), "\n";
}
?>
--EXPECT--
plugin_report(): ?array
plg_exit_code_label(int $code): string
plugin_checksum(string $file): ?string
plugin_resource_checksum(?string $html, ?string $css): ?array
plugin_data_table(string $file): string
