<?php

declare(strict_types=1);

/** Entry point of the module, called by the gestor. Version 1.1.0. */
function agenda_start(): void
{
    // A plugin's controller would build its pages here.
}
