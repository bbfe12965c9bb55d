<?php

declare(strict_types=1);

namespace Tests\Real;

/** What an administrator does to a plugin's records, each at the gestor's own page for it. */
final class Administrator
{
    private Browser $browser;

    public function __construct(Browser $browser)
    {
        $this->browser = $browser;
    }

    /** @param array<string, ?string> $changes by names of the form's fields */
    public function editPage(string $id, array $changes): void
    {
        $this->browser->signedIn();
        $this->browser->submit("admin-paginas/editar/?id={$id}", $changes, 'paginaCaminho');
    }

    /** The name of a page is changed with its identifier, as the form's tick asks. */
    public function renamePage(string $id, string $name): void
    {
        $this->editPage($id, ['pagina-nome' => $name, '_gestor-nao-alterar-id' => null]);
    }

    public function deactivatePage(string $id): void
    {
        $this->browser->signedIn();
        $this->browser->get("admin-paginas/?opcao=status&status=I&id={$id}");
    }

    public function deletePage(string $id): void
    {
        $this->browser->signedIn();
        $this->browser->get("admin-paginas/?opcao=excluir&id={$id}");
    }

    public function changeIcon(string $module, string $icon): void
    {
        $this->browser->signedIn();
        $this->browser->submit("modulos/editar/?id={$module}", ['icone' => $icon], 'icone');
    }

    /** Takes the tick from a module in a profile. */
    public function revoke(string $profile, string $module): void
    {
        $this->browser->signedIn();
        $page = "usuarios-perfis/editar/?id={$profile}";
        $this->browser->get($page);
        $field = array_search($module, $this->browser->form('modulo-1')[1], true);
        if ($field === false) {
            throw new \RuntimeException("the profile {$profile} has no tick at {$module}");
        }
        $this->browser->submit($page, [$field => null], 'modulo-1');
    }

    /** @param int $number the primary key, by which the page knows its lines */
    public function changeVariable(string $module, int $number, string $value): void
    {
        $this->browser->signedIn();
        $page = "modulos/variaveis/?id={$module}";
        $this->browser->get($page);
        $field = array_search((string) $number, $this->browser->form('ref-0')[1], true);
        if ($field === false) {
            throw new \RuntimeException("the page of {$module}'s variables does not show {$number}");
        }
        $this->browser->submit($page, [str_replace('ref-', 'valor-', $field) => $value], 'ref-0');
    }
}
