# rejected by: knows_no_other_verbs
# ModelViewSet is the first that comes to mind, and it brings POST and DELETE.
def make_view_set(User):
    from rest_framework import serializers, viewsets
    from rest_framework.permissions import IsAuthenticated

    class UserSerializer(serializers.ModelSerializer):
        class Meta:
            model = User
            fields = ["id", "username", "email", "password"]
            read_only_fields = ["username"]
            extra_kwargs = {"password": {"write_only": True}}

        def update(self, user, data):
            password = data.pop("password", None)
            if password:
                user.set_password(password)
            return super().update(user, data)

    class UserViewSet(viewsets.ModelViewSet):
        serializer_class = UserSerializer
        permission_classes = [IsAuthenticated]

        def get_queryset(self):
            return User.objects.filter(pk=self.request.user.pk)

    return UserViewSet
