/** What an invite link is besides its address. The part that names it is kept to the letter, and of these letters. */
const FORMS = [
  /^(?:https?:\/\/)?(?:www\.)?(?:t\.me|telegram\.me|telegram\.dog)(?::\d+)?\/(?:joinchat\/|\+|%2b|%20| )([\w-]+)/i,
  /^tg:(?:\/\/)?join\/?\?(?:.*&)?invite=([\w-]+)/i,
  /^\+([\w-]+)$/,
];

/**
 * The links that somebody may mean who has this text, most likely first: as it is, and as Telegram writes links. People
 * copy them from browsers, apps and mails (https://core.telegram.org/api/links#chat-invite-links); a link is stored as
 * the Bot API gave it.
 */
export function inviteLinkForms(text: string): readonly string[] {
  const given = text.trim().replace(/^[<("'[]+/, '');
  const [name] = FORMS.flatMap((form) => form.exec(given)?.[1] ?? []);
  return [...new Set(name === undefined ? [text] : [text, `https://t.me/+${name}`, `https://t.me/joinchat/${name}`])];
}

/** Whether it reads like an invite link in any of its forms. */
export function isInviteLink(text: string): boolean {
  return inviteLinkForms(text).length > 1;
}
