<?php

declare(strict_types=1);

namespace Tests;

/** For a TestCase: a gestor with a database of its own and a package `p.zip` in its folder, made anew for each test. */
trait PackagedSite
{
    private Database $database;
    private GestorTree $gestor;

    protected function setUp(): void
    {
        $this->database = new Database();
        $this->gestor = new GestorTree($this->database);
        Package::write($this->gestor->root . '/p.zip');
    }

    protected function tearDown(): void
    {
        $this->database->drop();
        $this->gestor->remove();
        unset($GLOBALS['_GESTOR'], $GLOBALS['_BANCO']);
    }
}
