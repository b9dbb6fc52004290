class CutDocuments:
    def __init__(self, site): self.site = site
    def find(self, section, format_, limit, language): return None
