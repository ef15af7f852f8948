namespace Cms.Infrastructure.Newsletter.Templates;

/// <summary>What a template can read: the members of these records by their names in snake case, and nothing else.</summary>
internal abstract record TemplateModel;

/// <summary>The newsroom's site.</summary>
/// <param name="Name">As readers know it.</param>
/// <param name="Url">Its front page.</param>
internal sealed record SiteModel(string Name, string Url) : TemplateModel;

/// <summary>A page: its template stands inside the layout <c>page</c>.</summary>
/// <param name="Site">Whose newsletter.</param>
internal abstract record PageModel(SiteModel Site) : TemplateModel;

/// <summary>A section to choose.</summary>
/// <param name="Id">As the form sends it.</param>
/// <param name="Name">As readers know it.</param>
/// <param name="Checked">Chosen.</param>
internal sealed record SectionChoice(string Id, string Name, bool Checked) : TemplateModel;

/// <summary>A language to choose.</summary>
/// <param name="Code">BCP 47.</param>
/// <param name="Name">In that language.</param>
/// <param name="Selected">Chosen.</param>
internal sealed record LanguageChoice(string Code, string Name, bool Selected) : TemplateModel;

/// <summary>The sign-up form, new or with what is wrong in it.</summary>
/// <param name="Site">Whose newsletter.</param>
/// <param name="Action">Where the form goes.</param>
/// <param name="Email">As typed.</param>
/// <param name="EmailFault">What is wrong with the address: <c>required</c>, <c>disposable</c>, or else it is no address.</param>
/// <param name="Suggestion">The address that was probably meant.</param>
/// <param name="Sections">To choose from.</param>
/// <param name="Frequency">daily or weekly.</param>
/// <param name="Languages">To choose from.</param>
/// <param name="Language">The chosen one's code.</param>
/// <param name="Fault">What else is wrong, in English.</param>
/// <param name="TextVersion">Which wording of the consent is shown.</param>
/// <param name="AsTyped">The reader keeps the address although another is suggested.</param>
/// <param name="Altcha">The work that the browser has done for this sign-up already.</param>
/// <param name="Elsewhere">The browser has to work first, which takes the form on the newsroom's site: here there is none.</param>
/// <param name="FaultFields">Names of the form's fields in which that is.</param>
/// <param name="Name">What to call the reader, where the newsroom's form asked.</param>
internal sealed record SubscribePage(
    SiteModel Site, string Action, string? Email, string? EmailFault, string? Suggestion, IReadOnlyList<SectionChoice> Sections, string Frequency,
    IReadOnlyList<LanguageChoice> Languages, string Language, string? Fault, string? TextVersion, bool AsTyped, string? Altcha = null, bool Elsewhere = false, string FaultFields = "", string? Name = null) : PageModel(Site);

/// <summary>Look in your inbox: the same for every address.</summary>
/// <param name="Site">Whose newsletter.</param>
/// <param name="Hours">How long the link of a <see cref="ConfirmMail"/> holds.</param>
/// <param name="Mail">The template of the mail that comes: <c>confirmation</c>, <c>address-change</c>, <c>manage</c> or <c>data</c>.</param>
internal sealed record CheckInboxPage(SiteModel Site, int Hours, string Mail) : PageModel(Site);

/// <summary>Asks to confirm: following the link alone changes nothing, since scanners follow it too.</summary>
/// <param name="Site">Whose newsletter.</param>
/// <param name="Action">Where the form goes.</param>
/// <param name="AddressChange">A new address is confirmed, not a subscription.</param>
internal sealed record ConfirmPage(SiteModel Site, string Action, bool AddressChange = false) : PageModel(Site);

/// <summary>It is confirmed.</summary>
/// <param name="Site">Whose newsletter.</param>
/// <param name="PreferencesLink">Where the reader changes what they get.</param>
/// <param name="AddressChange">A new address was confirmed, not a subscription.</param>
internal sealed record ConfirmedPage(SiteModel Site, string PreferencesLink, bool AddressChange = false) : PageModel(Site);

/// <summary>A page that only says something: <c>already-confirmed</c>, <c>link-wrong</c>, <c>erased</c>.</summary>
/// <param name="Site">Whose newsletter.</param>
internal sealed record PlainPage(SiteModel Site) : PageModel(Site);

/// <summary>A page that leads to the sign-up form: <c>link-expired</c>, <c>left</c>.</summary>
/// <param name="Site">Whose newsletter.</param>
/// <param name="SubscribeLink">The form.</param>
internal sealed record SubscribeAgainPage(SiteModel Site, string SubscribeLink) : PageModel(Site);

/// <summary>A page with one button: <c>manage-expired</c>, <c>unsubscribe</c>.</summary>
/// <param name="Site">Whose newsletter.</param>
/// <param name="Action">Where the form goes.</param>
internal sealed record ButtonPage(SiteModel Site, string Action) : PageModel(Site);

/// <summary>What the reader gets, and everything they can do about it.</summary>
/// <param name="Site">Whose newsletter.</param>
/// <param name="Action">Where all its forms go; a hidden field <c>act</c> says which it was.</param>
/// <param name="Sections">To choose from.</param>
/// <param name="Frequency">daily or weekly.</param>
/// <param name="Languages">To choose from.</param>
/// <param name="Paused">Nothing is sent for now.</param>
/// <param name="Saved">Says that what was sent is saved.</param>
/// <param name="EmailMasked">The address, as much of it as a forwarded link may show.</param>
/// <param name="Expires">Until when the link holds.</param>
/// <param name="Message">What is missing: <c>email</c>, the new address is none; <c>disposable</c>, it is one for minutes; <c>suggestion</c>, another was probably meant; <c>sure</c>, the box was not ticked.</param>
/// <param name="Left">The reader gets nothing any more: there is nothing to choose, and the data may still be sent or erased.</param>
/// <param name="SubscribeLink">The sign-up form, for who wants to come back.</param>
/// <param name="SaveFault">Why the choices were not saved: <c>sections</c>, there is one that is none, or too many; <c>language</c>, there is no such one.</param>
/// <param name="NewEmail">The new address as typed, when it was refused.</param>
/// <param name="Suggestion">The address that was probably meant.</param>
internal sealed record PreferencesPage(
    SiteModel Site, string Action, IReadOnlyList<SectionChoice> Sections, string Frequency, IReadOnlyList<LanguageChoice> Languages,
    bool Paused, bool Saved, string EmailMasked, DateOnly Expires, string? Message, bool Left, string SubscribeLink,
    string? SaveFault = null, string? NewEmail = null, string? Suggestion = null) : PageModel(Site);

/// <summary>Anything else that goes wrong.</summary>
/// <param name="Site">Whose newsletter.</param>
/// <param name="Status">The answer's: 404, 429, 503 and others.</param>
/// <param name="Detail">What the service says of it, in English.</param>
internal sealed record RefusedPage(SiteModel Site, int Status, string Detail) : PageModel(Site);

/// <summary>A mail about the subscription: its HTML stands inside the layout <c>mail</c>.</summary>
/// <param name="Site">Whose newsletter.</param>
internal abstract record MailModel(SiteModel Site) : TemplateModel;

/// <summary>A mail with a link that holds for hours: <c>confirmation</c>, <c>address-change</c>. Nothing that was typed in a form is in it.</summary>
/// <param name="Site">Whose newsletter.</param>
/// <param name="Link">To the page that confirms.</param>
/// <param name="Hours">How long it holds.</param>
internal sealed record ConfirmMail(SiteModel Site, string Link, int Hours) : MailModel(Site);

/// <summary>A fresh link to the preferences.</summary>
/// <param name="Site">Whose newsletter.</param>
/// <param name="Link">To the preferences.</param>
/// <param name="Days">How long it holds.</param>
internal sealed record ManageMail(SiteModel Site, string Link, int Days) : MailModel(Site);

/// <summary>The reader's data, which is attached.</summary>
/// <param name="Site">Whose newsletter.</param>
internal sealed record DataMail(SiteModel Site) : MailModel(Site);

/// <summary>The digest's subject.</summary>
/// <param name="Site">Whose newsletter.</param>
/// <param name="Headline">The first article's.</param>
/// <param name="Date">The edition's day.</param>
/// <param name="Frequency">daily or weekly.</param>
internal sealed record DigestSubject(SiteModel Site, string Headline, DateOnly Date, string Frequency) : TemplateModel;

/// <summary>How the digest begins.</summary>
/// <param name="Site">Whose newsletter.</param>
/// <param name="Subject">The mail's subject.</param>
/// <param name="Intro">The newsroom's words, and what inboxes show beside the subject.</param>
/// <param name="Date">The edition's day.</param>
/// <param name="Frequency">daily or weekly.</param>
internal sealed record DigestHead(SiteModel Site, string Subject, string? Intro, DateOnly Date, string Frequency) : TemplateModel;

/// <summary>One section of the digest.</summary>
/// <param name="Section">Which.</param>
/// <param name="Articles">In the edition's order.</param>
internal sealed record DigestSection(DigestSectionName Section, IReadOnlyList<DigestArticle> Articles) : TemplateModel;

/// <summary>A section as the digest names it.</summary>
/// <param name="Name">As readers know it.</param>
/// <param name="Url">Its page.</param>
internal sealed record DigestSectionName(string Name, string? Url) : TemplateModel;

/// <summary>An article in the digest.</summary>
/// <param name="Headline">Its headline.</param>
/// <param name="Kicker">The words above it.</param>
/// <param name="Url">Its page.</param>
/// <param name="Standfirst">The words below it.</param>
/// <param name="Image">Its picture.</param>
/// <param name="Byline">Who wrote it.</param>
/// <param name="Minutes">How long it takes to read.</param>
/// <param name="Correction">What was corrected.</param>
/// <param name="Language">That it is written in, BCP 47: not always the mail's.</param>
internal sealed record DigestArticle(
    string Headline, string? Kicker, string Url, string? Standfirst, DigestImage? Image, string? Byline, int? Minutes, string? Correction, string Language) : TemplateModel;

/// <summary>A picture in the digest.</summary>
/// <param name="Url">https.</param>
/// <param name="Alt">What it shows; null when it adds nothing to the text.</param>
/// <param name="Width">Pixels.</param>
/// <param name="Height">Pixels.</param>
internal sealed record DigestImage(string Url, string? Alt, int? Width, int? Height) : TemplateModel;

/// <summary>How the digest ends.</summary>
/// <param name="Site">Whose newsletter.</param>
/// <param name="UnsubscribeLink">The reader's own.</param>
/// <param name="PreferencesLink">The reader's own.</param>
/// <param name="AddressLine">The publisher's name, and its postal address where the site has one.</param>
internal sealed record DigestFoot(SiteModel Site, string UnsubscribeLink, string PreferencesLink, string? AddressLine) : TemplateModel;
