import type { TestGateway } from '../support/gateway.js';

/** A service in a project. */
export async function addService({ database, clock }: TestGateway, project: string): Promise<void> {
  await database.db
    .insertInto('services')
    .values({
      project,
      name: 'kafka-1',
      type: 'kafka',
      plan: 'self-hosted',
      cloud: '',
      is_powered: 1,
      host: 'kafka.example.com',
      port: 9093,
      user_config: '{}',
      tech_emails: '[]',
      validity_seconds: null,
      renew_before_seconds: null,
      trust_update: 0,
      created_at: clock.now(),
      updated_at: clock.now(),
    })
    .execute();
}
