<?php

declare(strict_types=1);

namespace GestorPlugins;

/** What `--help` says. */
final class Help
{
    public const PORTUGUESE = <<<'TEXT'
        Instala ou atualiza um plugin deste gestor.

          php atualizacao-plugin.php --id=<plugin> --origem_tipo=<tipo> [opções]

        De onde vem o pacote (--origem_tipo):
          upload, arquivo   --arquivo=<pacote.zip>
          local_path        --local_path=<pacote.zip ou pasta>
          github_publico    --owner=<dono> --repo=<repositório> [--ref=<tag>]
          github_privado    o mesmo, e --cred_ref=cred:<alias> (veja --credenciais) ou env:<NOME> (PLUGIN_TOKEN_<NOME>)
          url               --url=<https://…> [--sha256=<hex>]
          indice            [--indice=<nome>] [--versao=<faixa>]: de um índice assinado que o site conhece

        Vários de uma vez, todos ou nenhum: --arquivo= repetido, sem --id, ou --lote=<arquivo.json>.

        Outras operações (--plugin=<plugin>):

        TEXT . Catalogue::HELP_PORTUGUESE . <<<'TEXT'

        Opções:
          --reprocessar         fazer tudo de novo, consertando o que foi danificado
          --recuperar           depois de desinstalado: com o que usuários tinham alterado
          --dry-run             mostrar o que seria feito, sem alterar nada
          --no-resources, --only-migrations    arquivos e migrações, sem linhas
          --no-migrations, --only-resources    arquivos e linhas, sem migrações
          --forcar              deixar passar versões mais antigas e incompatíveis
          --adocao=orfaos|nunca|sempre    linhas sem dono: as que não são do gestor (padrão), nenhuma, todas
          --conflitos=abortar|pular       parar (padrão), ou deixar como estão as linhas em conflito
          --orfaos=log|export|ignore|inativar|remover
                                          linhas que o pacote não traz mais: ficam, ou, as que ninguém editou, ficam
                                          inativas ou são removidas (guardadas antes)
          --fusao=minha|pacote|abortar    valores que o site e o pacote alteraram: fica o do site e o do pacote espera
                                          (padrão), entra o do pacote e o do site é guardado, ou nada é feito
          --scripts=avisar|executar       scripts de pós-instalação do pacote: só avisar (padrão) ou executar; o que faltar
                                          é executado com --scripts-pendentes
          --php=<caminho>                 o programa de linha de comando do PHP que os executa
          --confianca=<pasta>             pasta do que o site aceita; sem ela, autenticacoes/<domínio>/plugins
          --bases=recusar|esta|esquecer:<identidade>
                                          arquivos que outros bancos de dados também usam: não mudam (padrão), mudam com
                                          este banco apenas, ou antes sai da lista um banco que não existe mais
          --dominio=<domínio>             usar o banco de dados de autenticacoes/<domínio>/.env
          --ator=<quem>                   quem pediu, para o histórico
          --quiet               imprimir só os erros, e o relatório quando --json o pede
          --json                imprimir na saída padrão o relatório em JSON, e nada mais
          --debug               registrar no log cada linha do banco
          --version             imprimir a versão da biblioteca nativa
          --help                este texto

        O código de saída é o resultado: 0 feito, 10 parâmetros, 11 pacote inválido, 12 arquivos, 13 migrações, 14 banco de
        dados, 15 travado, 16 cancelado, 17 credencial, 20 download, 21 arquivo compactado, 22 checksum, 23 assinatura,
        24 desatualizado, 31 incompatível, 32 versão mais antiga, 33 difere do instalado, 34 sem caminho de volta,
        35 não instalado, 37 atualização desfeita, 99 erro interno.

        TEXT;

    public const ENGLISH = <<<'TEXT'
        Installs or updates a plugin of this gestor.

          php atualizacao-plugin.php --id=<plugin> --origem_tipo=<type> [options]

        Where the package comes from (--origem_tipo):
          upload, arquivo   --arquivo=<package.zip>
          local_path        --local_path=<package.zip or folder>
          github_publico    --owner=<owner> --repo=<repository> [--ref=<tag>]
          github_privado    the same, and --cred_ref=cred:<alias> (see --credenciais) or env:<NAME> (PLUGIN_TOKEN_<NAME>)
          url               --url=<https://…> [--sha256=<hex>]
          indice            [--indice=<name>] [--versao=<range>]: from a signed index that the site knows

        Several at once, all or none: --arquivo= repeated, without --id, or --lote=<file.json>.

        Other operations (--plugin=<plugin>):

        TEXT . Catalogue::HELP_ENGLISH . <<<'TEXT'

        Options:
          --reprocessar         do everything again, repairing what was damaged
          --recuperar           after an uninstallation: with what users had changed
          --dry-run             show what would be done; change nothing
          --no-resources, --only-migrations    files and migrations, no rows
          --no-migrations, --only-resources    files and rows, no migrations
          --forcar              let older and incompatible versions pass
          --adocao=orfaos|nunca|sempre    rows without owner: those not of the core (default), none, all
          --conflitos=abortar|pular       stop (default), or leave rows in conflict alone
          --orfaos=log|export|ignore|inativar|remover
                                          rows that the package no longer brings: they stay, or, those that nobody
                                          edited, become inactive or are removed (saved before)
          --fusao=minha|pacote|abortar    values that both the site and the package changed: the site's stays and the
                                          package's waits (default), the package's goes in and the site's is saved, or
                                          nothing is done
          --scripts=avisar|executar       the package's post-installation scripts: only tell of them (default) or run them;
                                          what is left is run by --scripts-pendentes
          --php=<path>                    PHP's command line program that runs them
          --confianca=<folder>            folder of what the site believes; else autenticacoes/<domain>/plugins
          --bases=recusar|esta|esquecer:<identity>
                                          files that other databases use too: they do not change (default), they change
                                          with this database alone, or a database that is gone is struck out first
          --dominio=<domain>              use the database of autenticacoes/<domain>/.env
          --ator=<who>                    who asked for it, for the history
          --quiet               print nothing but errors, and the report where --json asks for it
          --json                print the report as JSON, and nothing else, on standard output
          --debug               log single rows
          --version             print the version of the native library
          --help                this text

        The exit status is the result: 0 done, 10 parameters, 11 invalid package, 12 files, 13 migrations, 14 database,
        15 locked, 16 cancelled, 17 credential, 20 download, 21 archive, 22 checksum, 23 signature, 24 stale,
        31 incompatible, 32 older version, 33 not as installed, 34 no way back, 35 not installed, 37 update taken back, 99 internal.

        TEXT;
}
