import { describe, expect, it } from '@jest/globals';
import request from 'supertest';
import { signIn } from '../support/console.js';
import { startTestGateway } from '../support/gateway.js';

describe('the console', () => {
  it('lets in by password, and out again', async () => {
    const gateway = await startTestGateway();
    const stranger = request(gateway.urls.admin);
    const led = await stranger.get('/?a=1').ca(gateway.ca);
    expect([led.status, led.headers['location']]).toEqual([303, '/sign-in?next=%2F%3Fa%3D1']);
    const form = await stranger.get('/sign-in').ca(gateway.ca).expect(200);
    expect(form.text).toContain('Password');
    const visitor = await signIn(gateway);
    const page = await visitor.get('/').expect(200);
    expect(page.text).toContain('admin@localhost');
  });

  it('answers an address that is none with a page for people, and JSON for programs', async () => {
    const gateway = await startTestGateway();
    const nowhere = (accept: string) =>
      request(gateway.urls.admin).get('/nowhere').ca(gateway.ca).set('Accept', accept).expect(404);
    const page = await nowhere('text/html,application/xhtml+xml,*/*;q=0.8');
    expect(page.headers['content-type']).toBe('text/html; charset=utf-8');
    expect(page.text).toContain('To the overview');
    expect((await nowhere('*/*')).body).toMatchObject({ code: 404 });
  });
});
