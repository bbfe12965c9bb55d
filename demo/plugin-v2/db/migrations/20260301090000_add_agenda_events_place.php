<?php

declare(strict_types=1);

use Phinx\Migration\AbstractMigration;

final class AddAgendaEventsPlace extends AbstractMigration
{
    public function up(): void
    {
        $this->execute('ALTER TABLE agenda_events ADD COLUMN place VARCHAR(255) NULL AFTER starts_at');
    }

    public function down(): void
    {
        $this->execute('ALTER TABLE agenda_events DROP COLUMN place');
    }
}
