import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import request from 'supertest';
import { writeCalendar } from '../../src/credentials/icalendar.js';
import { startTestGateway } from '../support/gateway.js';
import { openService, renewUser, sha256Of } from '../support/services.js';
import type { ServiceHouse } from '../support/services.js';

const path = '/v1/project/p1/expiries';

/** Lines as a calendar reads them: unfolded (RFC 5545 3.1). */
function linesOf(text: string): string[] {
  expect(text.endsWith('\r\n')).toBe(true);
  expect(text.replaceAll('\r\n', '')).not.toMatch(/[\r\n]/);
  for (const line of text.split('\r\n')) expect(Buffer.byteLength(line)).toBeLessThanOrEqual(75);
  return text.replaceAll('\r\n ', '').split('\r\n').slice(0, -1);
}

const valuesOf = (lines: readonly string[], name: string): string[] =>
  lines.filter((line) => line.startsWith(`${name}:`)).map((line) => line.slice(name.length + 1));

const unescaped = (text: string): string => text.replace(/\\([\\;,])/g, '$1');

function subscribe(
  { gateway }: ServiceHouse,
  user: string,
  password: string,
  rest = '?format=ics',
) {
  return request(gateway.urls.admin).get(`${path}${rest}`).ca(gateway.ca).auth(user, password);
}

describe('the calendar of what expires', () => {
  it('is subscribed to by HTTP Basic with a token, and an event stays the same through a renewal', async () => {
    const house = await openService(await startTestGateway());
    const { gateway, root, asRoot } = house;
    await asRoot('post', '/v1/project/p1/service/kafka-1/user', { username: "o'neil ü(1)" });
    const get = async () => {
      const answer = await subscribe(house, 'any', root.token, '?format=ics&within=900d').expect(
        200,
      );
      expect(answer.headers['content-type']).toBe('text/calendar; charset=utf-8');
      expect(answer.headers['www-authenticate']).toBeUndefined();
      return linesOf(answer.text);
    };
    const before = await get();
    expect(valuesOf(before, 'SUMMARY').sort()).toEqual([
      'p1/kafka-1 avnadmin: certificate ends',
      "p1/kafka-1 o'neil ü(1): certificate ends",
    ]);
    const old = `${sha256Of((await house.user('avnadmin')).access_cert)}@everleaf`;
    expect(valuesOf(before, 'UID')).toContain(old);
    gateway.clock.advance(60);
    await renewUser(gateway, 'avnadmin');
    const after = await get();
    const index = valuesOf(after, 'SUMMARY').indexOf('p1/kafka-1 avnadmin: old certificate ends');
    expect(valuesOf(after, 'UID')[index]).toBe(old);
    expect(new Set(valuesOf(after, 'UID')).size).toBe(3);
    const { expiring_cert_not_valid_after_time: end = '' } = await house.user('avnadmin');
    expect(valuesOf(after, 'DTSTART')[index]).toBe(end.replace(/[-:]/g, ''));
    expect(after.slice(0, 3)).toEqual([
      'BEGIN:VCALENDAR',
      'VERSION:2.0',
      'PRODID:-//Everleaf//Expiries//EN',
    ]);
    const accepted = await asRoot('get', path).set('Accept', 'text/calendar').expect(200);
    expect(accepted.headers).toMatchObject({
      'content-type': 'text/calendar; charset=utf-8',
      vary: 'Accept',
    });
    expect(linesOf(accepted.text).filter((line) => line.startsWith('BEGIN:'))).toEqual([
      'BEGIN:VCALENDAR',
      'BEGIN:VTIMEZONE',
      'BEGIN:STANDARD',
    ]);
  });

  it('asks for credentials, and takes none but a token there and nowhere else', async () => {
    const house = await openService(await startTestGateway());
    const { gateway, root } = house;
    const none = await request(gateway.urls.admin).get(path).ca(gateway.ca).expect(401);
    expect(none.headers['www-authenticate']).toBe('Basic realm="Everleaf", charset="UTF-8"');
    for (const password of ['', 'guess', `${root.token}x`, gateway.adminToken])
      expect((await subscribe(house, root.email, password)).status).toBe(401);
    expect((await subscribe(house, root.token, '')).status).toBe(401);
    const inUrl = await request(gateway.urls.admin)
      .get(`${path}?format=ics&token=${encodeURIComponent(root.token)}`)
      .ca(gateway.ca);
    expect(inUrl.status).toBe(401);
    const browser = subscribe(house, 'any', root.token).set('Sec-Fetch-Site', 'cross-site');
    expect((await browser.expect(403)).body.errors[0].error_code).toBe('browser-request');
    const basic = (method: 'get' | 'delete', other: string) =>
      request(gateway.urls.admin)[method](other).ca(gateway.ca).auth('any', root.token);
    for (const other of ['/v1/project', '/v1/project/p1/service/kafka-1', '/v1/me']) {
      const answer = await basic('get', other).expect(401);
      expect(answer.headers['www-authenticate']).toBeUndefined();
    }
    await basic('delete', path).expect(405);
    const told = JSON.stringify(gateway.logs);
    expect(told).not.toContain(root.token);
    expect(told).not.toContain(Buffer.from(`any:${root.token}`).toString('base64'));
  });
});

describe('iCalendar', () => {
  const calendar = (name: string, ...summaries: readonly string[]) =>
    writeCalendar({
      name,
      now: 1_800_000_000,
      events: summaries.map((summary, index) => ({
        uid: String(index),
        at: 1_800_000_001,
        summary,
        description: summary,
      })),
    });

  it('writes times in UTC, escapes text and shows what is invisible', () => {
    const lines = linesOf(calendar('a;b', 'x,y\\z\r\nEND:VEVENT\u202e'));
    expect(lines).toContain('DTSTAMP:20270115T080000Z');
    expect(lines).toContain('DTSTART:20270115T080001Z');
    expect(lines).toContain('NAME:a\\;b');
    expect(lines).toContain('SUMMARY:x\\,y\\\\z\ufffd\ufffdEND:VEVENT\ufffd');
  });

  it('keeps every text whole, in lines of at most 75 octets and no more properties than events have', () => {
    const text = fc.string({ unit: 'binary', maxLength: 200 });
    fc.assert(
      fc.property(text, fc.array(text, { maxLength: 3 }), (name, summaries) => {
        const lines = linesOf(calendar(name, ...summaries));
        const shown = (some: string) =>
          some.replace(/[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/gu, '\ufffd');
        expect(valuesOf(lines, 'SUMMARY').map(unescaped)).toEqual(summaries.map(shown));
        expect(valuesOf(lines, 'NAME').map(unescaped)).toEqual([shown(name)]);
        expect(lines).toHaveLength(8 + 8 * Math.max(1, summaries.length));
      }),
    );
  });
});
