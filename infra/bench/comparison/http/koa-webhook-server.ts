import { createServer } from 'node:http';
import Router from '@koa/router';
import { WEBHOOK_PATH } from '@paid-community/shared/telegram/webhook.ts';
import Koa from 'koa';
import { koaBody } from 'koa-body';
import { answerParent } from '../../processes/answer-parent.ts';
import { listenOnFreePort } from '../../processes/listen-on-free-port.ts';
import { statusOfUpdate } from '../../load/updates.ts';

// What Koa, its router and its usual body parser cost by themselves: the bare server once more, with them.
answerParent(() => {
  const router = new Router();
  router.post(WEBHOOK_PATH, koaBody({ multipart: false, urlencoded: false, text: false }), (ctx) => {
    ctx.status = statusOfUpdate(ctx.request.body);
    ctx.body = {};
  });
  const app = new Koa();
  app.use(router.routes());
  const handle = app.callback();
  return listenOnFreePort(createServer((request, response) => void handle(request, response)));
});
