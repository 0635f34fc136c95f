import { hash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { Router } from 'express';
import { mountPath } from '../http/routing.js';
import { Failure } from '../failure.js';

interface Asset {
  readonly path: string;
  readonly contentType: string;
  readonly content: Buffer;
}

const css = 'text/css; charset=utf-8';
const javascript = 'text/javascript; charset=utf-8';
const packages = createRequire(import.meta.url);

/** Style and script of the pages: named by their content, so that a browser keeps each as long as it is the same. */
const assets = {
  pico: readAsset('pico.css', packages.resolve('@picocss/pico/css/pico.min.css'), css),
  style: readAsset('console.css', new URL('./assets/console.css', import.meta.url), css),
  htmx: readAsset('htmx.js', packages.resolve('htmx.org/dist/htmx.min.js'), javascript),
  script: readAsset('console.js', new URL('./assets/console.js', import.meta.url), javascript),
} as const satisfies Record<string, Asset>;

/** Their paths. */
export const assetPaths = {
  pico: assets.pico.path,
  style: assets.style.path,
  htmx: assets.htmx.path,
  script: assets.script.path,
} as const;

/** Serves them to everybody: they hold nothing. */
export function makeAssetRoutes(): Router {
  const byPath = new Map(Object.values(assets).map((asset) => [asset.path, asset]));
  const router = Router({ strict: true, caseSensitive: true });
  mountPath(router, '/assets/:name', {
    get: [
      (request, response) => {
        const asset = byPath.get(request.path);
        if (!asset) throw new Failure('not-found', 'There is no such file.');
        response.setHeader('Content-Type', asset.contentType);
        response.setHeader('Content-Length', asset.content.length);
        response.setHeader('Cache-Control', 'public, max-age=31536000, immutable');
        response.end(asset.content);
      },
    ],
  });
  return router;
}

function readAsset(name: string, file: string | URL, contentType: string): Asset {
  const content = readFileSync(file);
  const [stem = '', ending = ''] = name.split('.');
  const path = `/assets/${stem}.${hash('sha256', content).slice(0, 16)}.${ending}`;
  return { path, contentType, content };
}
