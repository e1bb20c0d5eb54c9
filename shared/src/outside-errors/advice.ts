// Advice that several errors have in common.

export const ADMINISTRATOR = 'In the chat, make the bot an administrator with the right "Invite users via link"';
export const CHECK_CHAT = 'Check TELEGRAM_CHAT_ID, and that the bot is in that chat';
