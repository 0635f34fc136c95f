import { Router } from 'express';
import { makeAnswerOcsp } from '../authority/answer-ocsp.js';
import { makeFindStatus } from '../authority/certificate-status-store.js';
import { makeCurrentResponder } from '../authority/ocsp-responder.js';
import { makeOcspRoutes } from '../authority/ocsp-routes.js';
import { makePkiRoutes } from '../authority/routes.js';
import { makeServedAuthorities } from '../authority/served-authorities.js';
import type { ServedAuthorities } from '../authority/served-authorities.js';
import { makeServedAuthorityStore } from '../authority/served-authority-store.js';
import { makeHealthRoutes } from '../http/health.js';
import { limitByAddress, makeRateLimit } from '../http/rate-limit.js';
import type { Foundation } from './foundation.js';
import type { FoundationWithLists } from './kept-revocation-lists.js';

/** Requests a minute from one address for what is public. */
const pkiRate = 6_000;

/** What the pki listener serves to everybody, and whether this gateway is well. */
export function makePkiRouters(foundation: FoundationWithLists): readonly Router[] {
  const { authorities: own, database, masterKey } = foundation;
  const store = makeServedAuthorityStore(database.db);
  const served = makeServedAuthorities({ own, store, masterKey });
  return [
    makeHealth(foundation),
    makePkiLimit(),
    makePki(foundation, served),
    makeOcsp(foundation, served),
  ];
}

/** Signing answers takes its share of the process that renews; a relying party may ask for many of its clients. */
function makePkiLimit(): Router {
  return Router().use(limitByAddress(makeRateLimit(pkiRate)));
}

function makeHealth({ database, authorities, clock, random, log }: Foundation): Router {
  return makeHealthRoutes({
    log,
    checks: [
      ['database', () => database.ping()],
      [
        'authority',
        async () => {
          const { certificate, signer } = authorities.active().issuer;
          if (clock() > certificate.notAfter) throw new Error('the authority has expired');
          await signer.sign(random(32));
        },
      ],
    ],
  });
}

function makePki(foundation: FoundationWithLists, served: ServedAuthorities): Router {
  const { authorities, currentRevocationList, clock } = foundation;
  return makePkiRoutes({
    authorities,
    findAuthority: served.find,
    currentRevocationList,
    clock,
  });
}

function makeOcsp({ database, issue, clock, log }: Foundation, served: ServedAuthorities): Router {
  const findStatus = makeFindStatus(database.db);
  const currentResponder = makeCurrentResponder({ issue, findStatus, clock, log });
  return makeOcspRoutes({
    answerOcsp: makeAnswerOcsp({
      findIssuers: served.findIssuers,
      findStatus,
      currentResponder,
      clock,
    }),
    log,
  });
}
