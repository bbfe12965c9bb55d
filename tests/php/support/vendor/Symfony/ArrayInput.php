<?php

declare(strict_types=1);

namespace Symfony\Component\Console\Input;

/** Stand-in. */
class ArrayInput
{
    public function __construct(array $parameters)
    {
    }
}
