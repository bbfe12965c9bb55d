//! How our own tables come to be: numbered steps, each of which may be run again. A table is made when what needs it is
//! used for the first time (SPEC 2 §1). Text and numbers only; `schema` runs them.

use super::operations;

/// What a caller is about to use.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Feature {
    /// Which database this is, and which operations are running.
    Identity,
    /// What an operation records: state, history, base, values set aside, conflicts.
    Records,
    /// The site's settings.
    Settings,
    /// The packages ever seen.
    Versions,
    /// What indices said.
    Indices,
    /// Credentials.
    Credentials,
    /// What happened, and how often: whatever changes a plugin counts in its transaction.
    Events,
    /// Checkpoints of the audit log.
    Audit,
    /// Updates that come by themselves.
    Updates,
}

impl Feature {
    /// The schema that it needs.
    pub(super) fn needs(self) -> u32 {
        match self {
            Self::Identity => 1,
            Self::Records => 6,
            Self::Settings => 7,
            Self::Versions => 8,
            Self::Indices => 9,
            Self::Credentials => CREDENTIALS,
            Self::Events => EVENTS,
            Self::Audit => AUDIT,
            Self::Updates => SCHEMA,
        }
    }

    /// Whether it needs what a step makes. The audit log and updates need nothing of the others.
    pub(super) fn needs_step(self, number: u32) -> bool {
        let first = match self {
            Self::Audit => AUDIT,
            Self::Updates => UPDATES,
            _ => 1,
        };
        number == 1 || (first..=self.needs()).contains(&number)
    }
}

/// A step: after it the schema has its number.
pub(super) struct Step {
    /// Its number. 1 stands for both tables of the first release.
    pub(super) number: u32,
    /// The table that it makes.
    pub(super) table: &'static str,
    /// The statement.
    pub(super) sql: &'static str,
}

/// The last step.
pub(super) const SCHEMA: u32 = 15;
/// That of credentials.
const CREDENTIALS: u32 = 10;
/// That of events and their counters.
const EVENTS: u32 = 12;
/// That of the audit log.
const AUDIT: u32 = 13;
/// The first of updates.
const UPDATES: u32 = 14;

pub(super) const ESQUEMA: &str = "CREATE TABLE IF NOT EXISTS gestor_plugins_esquema (id TINYINT NOT NULL, identidade CHAR(32) \
     CHARACTER SET ascii NOT NULL, versao INT NOT NULL, minima INT NOT NULL, atualizado_em DATETIME NOT NULL, \
     PRIMARY KEY (id)) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci";

const ESTADO: &str = "CREATE TABLE IF NOT EXISTS gestor_plugins_estado (slug VARCHAR(90) CHARACTER SET ascii COLLATE ascii_bin \
     NOT NULL, id_plugins INT NULL, ponto BIGINT NULL, ponto_anterior BIGINT NULL, contador BIGINT NOT NULL DEFAULT 0, \
     epoca INT NOT NULL DEFAULT 0, pausado_em DATETIME NULL, removido_em DATETIME NULL, removido_arquivo VARCHAR(255) \
     NULL, descricao TEXT NULL, origem_token_ref VARCHAR(255) NULL, integridade_em DATETIME NULL, verificacao JSON NULL, \
     ultimo_log MEDIUMTEXT NULL, linha_criada TINYINT NOT NULL DEFAULT 0, linha_antes JSON NULL, arquivos MEDIUMBLOB \
     NULL, fixadas JSON NULL, pendencias JSON NULL, atualizado_em DATETIME NOT NULL, PRIMARY KEY (slug)) ENGINE=InnoDB \
     DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci";

const HISTORICO: &str = "CREATE TABLE IF NOT EXISTS gestor_plugins_historico (id BIGINT NOT NULL AUTO_INCREMENT, operacao CHAR(32) \
     CHARACTER SET ascii COLLATE ascii_bin NOT NULL, lote CHAR(32) CHARACTER SET ascii COLLATE ascii_bin NULL, slug \
     VARCHAR(90) CHARACTER SET ascii COLLATE ascii_bin NOT NULL, acao VARCHAR(20) CHARACTER SET ascii COLLATE ascii_bin \
     NOT NULL, versao_de VARCHAR(20) NULL, versao_para VARCHAR(20) NULL, checksum CHAR(64) CHARACTER SET ascii COLLATE \
     ascii_bin NULL, origem JSON NULL, manifest_json MEDIUMTEXT NULL, migracoes JSON NULL, tabelas JSON NULL, parametros \
     JSON NULL, confirmado TINYINT NOT NULL DEFAULT 0, codigo SMALLINT NULL, erros TEXT NULL, saida MEDIUMTEXT NULL, \
     servidor VARCHAR(255) NULL, ator VARCHAR(255) NULL, inicio DATETIME(3) NOT NULL, fim DATETIME(3) NULL, \
     PRIMARY KEY (id), UNIQUE KEY operacao (operacao), KEY slug (slug, id), KEY inicio (inicio)) ENGINE=InnoDB \
     DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci";

const BASE: &str = "CREATE TABLE IF NOT EXISTS gestor_plugins_base (slug VARCHAR(90) CHARACTER SET ascii COLLATE ascii_bin NOT \
     NULL, tabela VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL, parte SMALLINT NOT NULL, linhas INT NOT \
     NULL, dados MEDIUMBLOB NOT NULL, PRIMARY KEY (slug, tabela, parte)) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 \
     COLLATE=utf8mb4_unicode_ci";

const GUARDADOS: &str = "CREATE TABLE IF NOT EXISTS gestor_plugins_guardados (id BIGINT NOT NULL AUTO_INCREMENT, historico BIGINT \
     NOT NULL, slug VARCHAR(90) CHARACTER SET ascii COLLATE ascii_bin NOT NULL, tabela VARCHAR(64) CHARACTER SET ascii \
     COLLATE ascii_bin NOT NULL, chave BINARY(16) NULL, identidade VARBINARY(3072) NOT NULL, motivo VARCHAR(20) \
     CHARACTER SET ascii COLLATE ascii_bin NOT NULL, valores LONGTEXT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin \
     NOT NULL, posto JSON NULL, PRIMARY KEY (id), KEY \
     slug (slug, historico), KEY linha (slug, tabela, chave)) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 \
     COLLATE=utf8mb4_unicode_ci";

const CONFLITOS: &str = "CREATE TABLE IF NOT EXISTS gestor_plugins_conflitos (id BIGINT NOT NULL AUTO_INCREMENT, slug VARCHAR(90) \
     CHARACTER SET ascii COLLATE ascii_bin NOT NULL, tabela VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL, \
     chave BINARY(16) NOT NULL, identidade VARBINARY(3072) NOT NULL, linha VARCHAR(255) NOT NULL, coluna VARCHAR(64) NOT \
     NULL DEFAULT '', motivo VARCHAR(20) CHARACTER SET ascii COLLATE ascii_bin NOT NULL, meu BINARY(8) NOT NULL, pacote \
     LONGTEXT NULL, nulo TINYINT NOT NULL DEFAULT 0, companheira VARCHAR(64) NULL, versao VARCHAR(20) NULL, historico \
     BIGINT NOT NULL, criado_em DATETIME NOT NULL, resolvido_em DATETIME NULL, escolha VARCHAR(20) NULL, PRIMARY KEY \
     (id), UNIQUE KEY linha (slug, tabela, chave, coluna)) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 \
     COLLATE=utf8mb4_unicode_ci";

const AJUSTES: &str = "CREATE TABLE IF NOT EXISTS gestor_plugins_ajustes (chave VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin \
     NOT NULL, valor TEXT NOT NULL, PRIMARY KEY (chave)) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 \
     COLLATE=utf8mb4_unicode_ci";

const VERSOES: &str = "CREATE TABLE IF NOT EXISTS gestor_plugins_versoes (slug VARCHAR(90) CHARACTER SET ascii COLLATE ascii_bin \
     NOT NULL, versao VARCHAR(20) CHARACTER SET ascii COLLATE ascii_bin NOT NULL, sha256 CHAR(64) CHARACTER SET ascii \
     COLLATE ascii_bin NOT NULL, tamanho BIGINT NOT NULL, origem VARCHAR(255) NULL, desenvolvedor VARCHAR(64) NULL, chave \
     CHAR(64) CHARACTER SET ascii COLLATE ascii_bin NULL, veredito VARCHAR(20) CHARACTER SET ascii COLLATE ascii_bin NOT \
     NULL, publicada_em DATETIME NULL, vista_em DATETIME NOT NULL, instalada_em DATETIME NULL, PRIMARY KEY (slug, versao, \
     sha256)) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci";

const INDICES: &str = "CREATE TABLE IF NOT EXISTS gestor_plugins_indices (nome VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin \
     NOT NULL, papel VARCHAR(120) CHARACTER SET ascii COLLATE ascii_bin NOT NULL, versao BIGINT NOT NULL, expira_em \
     DATETIME NOT NULL, bytes MEDIUMBLOB NOT NULL, obtido_em DATETIME NOT NULL, PRIMARY KEY (nome, papel)) ENGINE=InnoDB \
     DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci";

const CREDENCIAIS: &str = "CREATE TABLE IF NOT EXISTS plugins_credenciais (id INT NOT NULL AUTO_INCREMENT, type VARCHAR(32) \
     CHARACTER SET ascii COLLATE ascii_bin NOT NULL, alias VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL, \
     encrypted_secret TEXT CHARACTER SET ascii COLLATE ascii_bin NOT NULL, created_at DATETIME NOT NULL, updated_at \
     DATETIME NOT NULL, PRIMARY KEY (id), UNIQUE KEY alias (alias)) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 \
     COLLATE=utf8mb4_unicode_ci";

const ATUALIZACOES: &str = "CREATE TABLE IF NOT EXISTS gestor_plugins_atualizacoes (slug VARCHAR(90) CHARACTER SET ascii COLLATE \
     ascii_bin NOT NULL, politica VARCHAR(20) NULL, nivel VARCHAR(10) NULL, canal VARCHAR(10) NULL, janela VARCHAR(60) NULL, \
     carencia_h INT NULL, pular VARCHAR(120) NULL, pular_ate DATETIME NULL, estado VARCHAR(20) CHARACTER SET ascii COLLATE \
     ascii_bin NOT NULL DEFAULT 'em_dia', motivo VARCHAR(255) NULL, ultima_verificacao DATETIME NULL, proxima_verificacao \
     DATETIME NULL, versao_alvo VARCHAR(20) NULL, tag_alvo VARCHAR(255) NULL, sha256_alvo CHAR(64) CHARACTER SET ascii COLLATE \
     ascii_bin NULL, publicada_em DATETIME NULL, vista_em DATETIME NULL, notificada_versao VARCHAR(20) NULL, tentativas \
     SMALLINT NOT NULL DEFAULT 0, falha_versao VARCHAR(20) NULL, falha_codigo SMALLINT NULL, falha_em DATETIME NULL, \
     proxima_tentativa DATETIME NULL, versao_anterior VARCHAR(20) NULL, ponto_anterior BIGINT NULL, observar_ate DATETIME \
     NULL, saude JSON NULL, servidor VARCHAR(255) NULL, aplicando_em DATETIME NULL, PRIMARY KEY (slug)) ENGINE=InnoDB \
     DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci";

const FONTES: &str = "CREATE TABLE IF NOT EXISTS gestor_plugins_fontes (chave CHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT \
     NULL, url VARCHAR(255) NOT NULL, etag VARCHAR(255) CHARACTER SET ascii COLLATE ascii_bin NULL, corpo MEDIUMBLOB NULL, \
     obtida_em DATETIME NULL, proxima_em DATETIME NULL, falhas INT NOT NULL DEFAULT 0, restante INT NULL, reinicio_em \
     DATETIME NULL, PRIMARY KEY (chave)) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci";

const EVENTOS: &str = "CREATE TABLE IF NOT EXISTS gestor_plugins_eventos (id BIGINT NOT NULL AUTO_INCREMENT, em DATETIME(3) NOT \
     NULL, slug VARCHAR(90) CHARACTER SET ascii COLLATE ascii_bin NOT NULL, evento VARCHAR(40) CHARACTER SET ascii \
     COLLATE ascii_bin NOT NULL, versao VARCHAR(20) NULL, servidor VARCHAR(255) NULL, detalhe JSON NULL, PRIMARY KEY (id), \
     KEY slug (slug, em), KEY em (em)) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci";

const CONTADORES: &str = "CREATE TABLE IF NOT EXISTS gestor_plugins_contadores (slug VARCHAR(90) CHARACTER SET ascii COLLATE \
     ascii_bin NOT NULL, evento VARCHAR(40) CHARACTER SET ascii COLLATE ascii_bin NOT NULL, total BIGINT NOT NULL, soma_ms \
     BIGINT NOT NULL, b1 BIGINT NOT NULL, b2 BIGINT NOT NULL, b3 BIGINT NOT NULL, b4 BIGINT NOT NULL, b5 BIGINT NOT NULL, b6 \
     BIGINT NOT NULL, PRIMARY KEY (slug, evento)) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci";

const AUDITORIA: &str = "CREATE TABLE IF NOT EXISTS gestor_plugins_auditoria (servidor CHAR(32) CHARACTER SET ascii COLLATE ascii_bin \
     NOT NULL, tamanho BIGINT NOT NULL, raiz CHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL, em DATETIME NOT NULL, \
     PRIMARY KEY (servidor, tamanho)) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci";

/// All steps, in order.
pub(super) const STEPS: [Step; 16] = [
    step(1, "gestor_plugins_esquema", ESQUEMA),
    step(1, operations::OPERATIONS, operations::CREATE),
    step(2, "gestor_plugins_estado", ESTADO),
    step(3, "gestor_plugins_historico", HISTORICO),
    step(4, "gestor_plugins_base", BASE),
    step(5, "gestor_plugins_guardados", GUARDADOS),
    step(6, "gestor_plugins_conflitos", CONFLITOS),
    step(7, "gestor_plugins_ajustes", AJUSTES),
    step(8, "gestor_plugins_versoes", VERSOES),
    step(9, "gestor_plugins_indices", INDICES),
    step(10, "plugins_credenciais", CREDENCIAIS),
    step(11, "gestor_plugins_eventos", EVENTOS),
    step(12, "gestor_plugins_contadores", CONTADORES),
    step(13, "gestor_plugins_auditoria", AUDITORIA),
    step(14, "gestor_plugins_atualizacoes", ATUALIZACOES),
    step(15, "gestor_plugins_fontes", FONTES),
];

const fn step(number: u32, table: &'static str, sql: &'static str) -> Step {
    Step { number, table, sql }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn steps_are_in_order_and_each_may_be_run_again() {
        let mut last = 1;
        for step in &STEPS {
            assert!(step.number == last || step.number == last + 1, "{}", step.table);
            last = step.number;
            assert!(
                step.sql
                    .starts_with(&format!("CREATE TABLE IF NOT EXISTS {} (", step.table))
            );
            assert!(step.sql.contains("PRIMARY KEY") && step.sql.contains("ENGINE=InnoDB"));
            assert!(step.sql.ends_with("DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci"));
        }
        assert_eq!(last, SCHEMA);
        assert_eq!(Feature::Updates.needs(), SCHEMA);
        let of = |feature: Feature| STEPS.iter().filter(move |step| feature.needs_step(step.number)).count();
        assert_eq!(
            (
                of(Feature::Identity),
                of(Feature::Credentials),
                of(Feature::Events),
                of(Feature::Audit),
                of(Feature::Updates)
            ),
            (2, 11, 13, 3, 4)
        );
    }
}
