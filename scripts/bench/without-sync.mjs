// Loaded into a gateway before its own code, to measure what durability costs: the same gateway on the same disk, but
// SQLite never waits for the disk. The product has no such switch, on purpose.
import BetterSqlite3 from 'better-sqlite3';

const { pragma } = BetterSqlite3.prototype;

BetterSqlite3.prototype.pragma = function unsynchronised(source, options) {
  return pragma.call(this, source.replace('synchronous = FULL', 'synchronous = OFF'), options);
};
