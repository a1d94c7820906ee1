import { Router, static as serveFiles } from 'express';
import { dirname } from 'node:path';
import type { AppContext } from '../context';
import { ICON, PAGE, START, STYLE } from './docs-page';
import { openApiDocument } from './openapi';

/** Swagger UI sets styles inline; all else comes from this server alone. */
const PAGE_POLICY =
  "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; connect-src 'self'; frame-ancestors 'none'";

/** The OpenAPI document, and the page that shows it without loading anything from another host. */
export function docsRoutes({ settings }: AppContext): Router {
  const document = openApiDocument(settings.api.publicUrl);
  const assets = dirname(require.resolve('swagger-ui-dist/package.json'));
  return Router()
    .get('/openapi.json', (_req, res) => {
      res.json(document);
    })
    .get('/docs', (_req, res) => {
      res.set('Content-Security-Policy', PAGE_POLICY).type('html').send(PAGE);
    })
    .get('/docs/style.css', (_req, res) => {
      res.type('text/css').send(STYLE);
    })
    .get('/docs/icon.svg', (_req, res) => {
      res.type('image/svg+xml').send(ICON);
    })
    .get('/docs/start.js', (_req, res) => {
      res.type('text/javascript').send(START);
    })
    .use('/docs/assets', serveFiles(assets, { index: false }));
}
