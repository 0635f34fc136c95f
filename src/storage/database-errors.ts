import { codeOf, messageOf } from './error-fields.js';

// What a database driver's error means, by SQLSTATE, SQLite's result code or errno.

const transientCodes: ReadonlySet<string> = new Set(['40001', '40P01', '55P03']);

const unavailableCodes: ReadonlySet<string> = new Set([
  '25006', // read-only transaction: a standby, or a primary that was demoted
  '57014', // statement timeout
  '57P01', // the server is shutting down, or an operator ended the connection
  '57P02',
  '57P03', // the server is still starting
  '57P05',
  '25P03', // idle-in-transaction timeout
  '58030', // input/output error of the server's disk
  'ECONNREFUSED',
  'ECONNRESET',
  'ECONNABORTED',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'ETIMEDOUT',
  'EPIPE',
]);

/** Classes of SQLSTATE: 08 connection exception, 53 insufficient resources (disk full, too many connections). */
const unavailableClass = /^(?:08|53)[0-9A-Z]{3}$/;

const unavailableSqlite =
  /^SQLITE_(?:FULL|READONLY|IOERR|CANTOPEN|NOMEM|CORRUPT|NOTADB|PROTOCOL)(?:_|$)/;

/** pg and pg-pool report a lost or unreachable server by these sentences, without a code. */
const unavailableSentence =
  /^(?:Connection terminated|timeout exceeded when trying to connect|Client has encountered a connection error|Client was closed|Query read timeout)/;

/** The row is there already: a primary key or a unique index refused it. */
export function isUniqueViolation(error: unknown): boolean {
  const code = codeOf(error);
  return (
    code === '23505' ||
    code === 'SQLITE_CONSTRAINT_UNIQUE' ||
    code === 'SQLITE_CONSTRAINT_PRIMARYKEY'
  );
}

/** Nothing was written and the same transaction may succeed at once: deadlock, serialization, lock held elsewhere. */
export function isTransient(error: unknown): boolean {
  const code = codeOf(error);
  return transientCodes.has(code) || /^SQLITE_(?:BUSY|LOCKED)(?:_|$)/.test(code);
}

/** Another process holds the SQLite file, and has done so for as long as this one was ready to wait. */
export function isLockedOut(error: unknown): boolean {
  return /^SQLITE_(?:BUSY|LOCKED)(?:_|$)/.test(codeOf(error));
}

/** The database cannot serve now: not reachable, connection lost, disk full, read-only. Never also transient. */
export function isUnavailable(error: unknown): boolean {
  const code = codeOf(error);
  return (
    unavailableCodes.has(code) ||
    unavailableClass.test(code) ||
    unavailableSqlite.test(code) ||
    // The socket's file is gone (ENOENT) while a server on this machine is stopped.
    /^connect E[A-Z]+ /.test(messageOf(error)) ||
    (code === '' && unavailableSentence.test(messageOf(error)))
  );
}
