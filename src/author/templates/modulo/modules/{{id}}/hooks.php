<?php

/**
 * O que o gestor chama por conta própria ({{id}}.json, `hooks`): `cron`, `diario`, uma vez por dia.
 * What the gestor calls by itself ({{id}}.json, `hooks`): `cron`, `diario`, once a day.
 */

/** O que foi excluído há mais de 30 dias sai da tabela. What was deleted more than 30 days ago goes from the table. */
function {{funcao}}_limpar(): void
{
    banco_delete('{{tabela}}', "WHERE status='D' AND data_modificacao < NOW() - INTERVAL 30 DAY");
}
