// The page's own words, by language; an article's come from the service. To add a language, add a line to each.
const words = {
  skip: { fr: 'Aller au contenu', en: 'Skip to the content', ar: 'انتقل إلى المحتوى' },
  sections: { fr: 'Rubriques', en: 'Sections', ar: 'الأقسام' },
  by: { fr: 'Par', en: 'By', ar: 'بقلم' },
  published: { fr: 'Publié le', en: 'Published', ar: 'نُشر في' },
  updated: { fr: 'Mis à jour le', en: 'Updated', ar: 'حُدّث في' },
  reading: { fr: 'Lecture :', en: 'Reading time:', ar: 'مدة القراءة:' },
  otherLanguages: { fr: 'Cet article existe aussi en', en: 'This article is also in', ar: 'هذا المقال متوفر أيضا بلغة' },
  corrections: { fr: 'Corrections', en: 'Corrections', ar: 'تصحيحات' },
  sources: { fr: 'Sources', en: 'Sources', ar: 'المصادر' },
  subjects: { fr: 'Mots-clés', en: 'Subjects', ar: 'مواضيع' },
  related: { fr: 'Sur le même sujet', en: 'On the same subject', ar: 'في الموضوع نفسه' },
  copied: { fr: 'Lien copié', en: 'Link copied', ar: 'نُسخ الرابط' },
  newsletter: { fr: 'Newsletter', en: 'Newsletter', ar: 'النشرة البريدية' },
  newsletterTitle: {
    fr: "Inscrivez-vous à notre lettre d'information", en: 'Subscribe to our newsletter', ar: 'اشترك في نشرتنا البريدية',
  },
  newsletterText: {
    fr: "Saisissez votre e-mail ci-dessous pour vous inscrire à notre lettre d'information et recevoir chaque jour nos actualités à ne pas manquer.",
    en: 'Enter your e-mail below to receive each day the news that you should not miss.',
    ar: 'أدخل بريدك الإلكتروني أدناه لتصلك كل يوم أهم أخبارنا.',
  },
  email: { fr: 'Votre e-mail', en: 'Your e-mail', ar: 'بريدك الإلكتروني' },
  subscribe: { fr: "S'inscrire", en: 'Subscribe', ar: 'اشترك' },
  confirm: {
    fr: 'Un message vous demandera de confirmer. Vous pourrez vous désinscrire à tout moment.',
    en: 'A message will ask you to confirm. You can unsubscribe at any time.', ar: 'ستصلك رسالة لتأكيد اشتراكك، ويمكنك إلغاؤه في أي وقت.',
  },
  latest: { fr: 'Dernières nouvelles', en: 'Latest news', ar: 'آخر الأخبار' },
  newer: { fr: 'Plus récents', en: 'Newer', ar: 'أحدث' },
  older: { fr: 'Plus anciens', en: 'Older', ar: 'أقدم' },
  page: { fr: 'Page', en: 'Page', ar: 'صفحة' },
  pages: { fr: 'Pages de la liste', en: 'Pages of this list', ar: 'صفحات القائمة' },
  nothing: { fr: "Rien n'est encore paru ici.", en: 'Nothing has been published here yet.', ar: 'لم يُنشر شيء هنا بعد.' },
  moved: { fr: 'Cet article a changé d’adresse', en: 'This article has moved', ar: 'انتقل هذا المقال' },
  missing: { fr: "Cette page n'existe pas, ou plus.", en: 'There is no such page, or no longer.', ar: 'هذه الصفحة غير موجودة.' },
  home: { fr: "Retour à l'accueil", en: 'To the front page', ar: 'إلى الصفحة الرئيسية' },
};

const rightToLeft = new Set(['Arab', 'Hebr', 'Thaa', 'Syrc', 'Nkoo', 'Adlm', 'Rohg']);

export const say = (word, language) => words[word][language.split('-')[0].toLowerCase()] ?? words[word].en;
export const direction = language => rightToLeft.has(new Intl.Locale(language).maximize().script) ? 'rtl' : 'ltr';
export const nameOf = (language, inLanguage) => new Intl.DisplayNames([inLanguage], { type: 'language' }).of(language);
export const and = (names, language) => new Intl.ListFormat(language, { type: 'conjunction' }).formatToParts(names);
export const dateOf = (instant, language, timeZone) =>
  new Intl.DateTimeFormat(language, { dateStyle: 'long', timeStyle: 'short', timeZone }).format(new Date(instant));
export const dayOf = (instant, language, timeZone) => new Intl.DateTimeFormat(language, { dateStyle: 'medium', timeZone }).format(new Date(instant));
export const minutesOf = (count, language) => new Intl.NumberFormat(language, { style: 'unit', unit: 'minute', unitDisplay: 'long' }).format(count);
