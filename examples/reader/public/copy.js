// The one thing that needs JavaScript, and it stays a link without: "copy the link" copies it.
for (const link of document.querySelectorAll('a[data-network="copy"]')) {
  link.addEventListener('click', async event => {
    if (!navigator.clipboard) return;
    event.preventDefault();
    await navigator.clipboard.writeText(link.href);
    link.parentElement.setAttribute('aria-live', 'polite');
    link.textContent = link.dataset.copied;
  });
}
