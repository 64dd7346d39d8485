import { json, type RequestHandler, type Router } from 'express'
import helmet from 'helmet'
import type { Access } from '../access/access'
import { sendRefusal } from './errors'
import { checkHost, checkOrigin } from './origin'
import { refuse } from '../refusal'

const reading = ['GET', 'HEAD', 'OPTIONS']
const withBody = ['POST', 'PUT', 'PATCH']

/** Headers and checks that hold for every request: strict content security, this host, writes from this page only. */
export function guard(app: Router, { dev, access }: { dev: boolean; access: Pick<Access, 'open'> }): void {
  app.use(securityHeaders(dev))
  app.use(onlyForUs(access))
  app.use('/api', onlyJson, json({ limit: 64 * 1024, strict: true, type: 'application/json' }))
}

function onlyForUs(access: Pick<Access, 'open'>): RequestHandler {
  return (request, response, next) => {
    const refusal = checkHost(request, access) ?? (reading.includes(request.method) ? null : checkOrigin(request))
    if (refusal) sendRefusal(response, 403, refusal)
    else next()
  }
}

const onlyJson: RequestHandler = (request, response, next) => {
  if (!withBody.includes(request.method) || request.is('application/json')) return next()
  sendRefusal(response, 415, refuse('content-type', request.headers['content-type'], 'application/json'))
}

function securityHeaders(dev: boolean): RequestHandler {
  return helmet({
    contentSecurityPolicy: {
      useDefaults: false,
      directives: {
        defaultSrc: ["'none'"],
        scriptSrc: ["'self'"],
        // the development server puts styles into the page
        styleSrc: dev ? ["'self'", "'unsafe-inline'"] : ["'self'"],
        // charts and components set style attributes
        styleSrcAttr: ["'unsafe-inline'"],
        imgSrc: ["'self'", 'data:'],
        fontSrc: ["'self'"],
        connectSrc: ["'self'", request => `ws://${request.headers.host}`],
        manifestSrc: ["'self'"],
        baseUri: ["'none'"],
        formAction: ["'none'"],
        frameAncestors: ["'none'"],
      },
    },
    // plain HTTP; what puts TLS in front of it knows for how long
    strictTransportSecurity: false,
    crossOriginEmbedderPolicy: false,
  })
}
