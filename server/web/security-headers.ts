// Security headers of every answer; pages set a content policy of their own, which allows their scripts.
import type { FastifyReply } from 'fastify';

export const HEADERS = {
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
  'content-security-policy': "default-src 'none'; frame-ancestors 'none'",
} as const;

export function setSecurityHeaders(reply: FastifyReply): void {
  reply.headers(HEADERS);
}
