<?php

declare(strict_types=1);

use Phinx\Migration\AbstractMigration;

final class CreateAgendaEvents extends AbstractMigration
{
    public function up(): void
    {
        $this->execute(
            'CREATE TABLE agenda_events ('
            . ' id_agenda_events INT UNSIGNED NOT NULL AUTO_INCREMENT PRIMARY KEY,'
            . ' title VARCHAR(255) NOT NULL,'
            . ' starts_at DATETIME NOT NULL,'
            . ' text MEDIUMTEXT NULL)'
        );
    }

    public function down(): void
    {
        $this->execute('DROP TABLE agenda_events');
    }
}
