import { describe, expect, test } from '@jest/globals';
import { inviteLinkForms, isInviteLink } from './invite-link-forms.ts';

const NAME = 'AbC-_d9xYz012345';
const hosts = ['t.me', 'T.Me', 'www.t.me', 'telegram.me', 'Telegram.DOG', 't.me:443'];
const schemes = ['', 'https://', 'http://', 'HTTPS://'];
const paths = [
  `/+${NAME}`,
  `/%2B${NAME}`,
  `/%2b${NAME}`,
  `/joinchat/${NAME}`,
  `/JoinChat/${NAME}`,
  `/ ${NAME}`,
  `/%20${NAME}`,
];
const ends = ['', '/', '?utm_source=mail', '#x', '/?a=b&c', '.', '>', '"'];
const around = ['', ' ', '\n', '<'];

describe('the forms of an invite link', () => {
  test('all lead to the form that the Bot API gives, letter for letter', () => {
    const texts = hosts.flatMap((host) =>
      schemes.flatMap((scheme) =>
        paths.flatMap((path) =>
          ends.flatMap((end) =>
            around.map((before) => `${before}${scheme}${host}${path}${end}${before === '<' ? '>' : before}`),
          ),
        ),
      ),
    );
    texts.push(
      `tg://join?invite=${NAME}`,
      `TG://JOIN?invite=${NAME}`,
      `tg:join?invite=${NAME}`,
      `tg://join/?x=y&invite=${NAME}&z`,
      `+${NAME}`,
      ` +${NAME} `,
    );
    for (const text of texts) {
      expect([text, inviteLinkForms(text)]).toEqual([
        text,
        expect.arrayContaining([text, `https://t.me/+${NAME}`, `https://t.me/joinchat/${NAME}`]),
      ]);
      expect(isInviteLink(text)).toBe(true);
    }
  });

  test('the form as it is comes first: another Bot API server may write links in its own way', () => {
    for (const text of [`https://t.me/+${NAME}`, `http://t.me/joinchat/${NAME}/`, 'https://links.example.com/a?b'])
      expect(inviteLinkForms(text)[0]).toBe(text);
  });

  test.each([
    '',
    ' ',
    'https://example.com/+abc',
    'https://t.me.example.com/+abc',
    'https://example.com/t.me/+abc',
    'txn_1',
    'tg://join',
    'tg://resolve?domain=invite',
    't.me/',
    't.me/joinchat/',
    '01234567-89ab-8def-8123-456789abcdef',
  ])('%j is none of ours', (text) => {
    expect(inviteLinkForms(text)).toEqual([text]);
    expect(isInviteLink(text)).toBe(false);
  });
});
