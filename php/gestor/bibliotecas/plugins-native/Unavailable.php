<?php

declare(strict_types=1);

namespace GestorPlugins;

/** Neither the extension nor the C library can be used; the message says what to do. */
final class Unavailable extends \RuntimeException
{
}
