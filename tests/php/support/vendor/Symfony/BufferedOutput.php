<?php

declare(strict_types=1);

namespace Symfony\Component\Console\Output;

/** Stand-in. */
class BufferedOutput
{
}
