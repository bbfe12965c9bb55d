<?php
// As another operation on this plugin would: whether its lock can be had.
$file = fopen(getenv('GESTOR_ROOT') . '/temp/plugins/' . getenv('PLUGIN_SLUG') . '.lock', 'r');
echo flock($file, LOCK_EX | LOCK_NB) ? 'free' : 'held';
